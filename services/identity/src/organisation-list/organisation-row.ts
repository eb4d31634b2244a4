import type { ReadModelRow } from '@countersign/event-log';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An organisation and what it is known by. All of it is public. Key: its id. */
@Entity({ schema: 'organisations', name: 'organisation' })
export class OrganisationRow implements ReadModelRow {
  @PrimaryColumn({ type: 'int4' })
  generation!: number;

  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  nation!: string;

  /** Both or none. */
  @Column({ type: 'text', nullable: true })
  state!: string | null;

  @Column({ type: 'text', nullable: true })
  station!: string | null;

  @Column({ type: 'text', array: true })
  kinds!: string[];

  @Column({ name: 'cage_codes', type: 'text', array: true })
  cageCodes!: string[];

  @Column({ type: 'text', array: true })
  dodaacs!: string[];

  @Column({ type: 'text', array: true })
  rics!: string[];

  @Column({ type: 'text', array: true })
  uics!: string[];
}
