import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CodeKind } from './organisation-directory.js';

/** An organisation of identity. Read model: rebuilt from identity's topic at any time. */
@Entity({ schema: 'directory', name: 'organisation' })
export class OrganisationRow {
  @PrimaryColumn({ name: 'organisation_id', type: 'text' })
  organisationId!: string;

  /** Both or none: state and station of a law enforcement agency. */
  @Column({ type: 'text', nullable: true })
  state!: string | null;

  @Column({ type: 'text', nullable: true })
  station!: string | null;
}

/** A code and who holds it now. */
@Entity({ schema: 'directory', name: 'organisation_code' })
export class OrganisationCodeRow {
  @PrimaryColumn({ type: 'text' })
  kind!: CodeKind;

  @PrimaryColumn({ type: 'text' })
  code!: string;

  @Column({ name: 'organisation_id', type: 'text' })
  organisationId!: string;
}
