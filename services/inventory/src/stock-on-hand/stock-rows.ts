import type { ReadModelRow } from '@countersign/event-log';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A storage activity and whose it is now. Key: the RIC. */
@Entity({ schema: 'stock_on_hand', name: 'storage' })
export class StorageRow implements ReadModelRow {
  @PrimaryColumn({ type: 'int4' })
  generation!: number;

  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ name: 'organisation_id', type: 'text' })
  organisationId!: string;
}

/** What is on hand of one item in one supply condition. Key: `<RIC>/<NIIN>/<condition>`. */
@Entity({ schema: 'stock_on_hand', name: 'balance' })
export class BalanceRow implements ReadModelRow {
  @PrimaryColumn({ type: 'int4' })
  generation!: number;

  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ type: 'text' })
  ric!: string;

  @Column({ type: 'text' })
  nsn!: string;

  @Column({ type: 'text' })
  condition!: string;

  /** In the unit of issue. The driver gives 64-bit integers as text. */
  @Column({ name: 'on_hand', type: 'int8', transformer: { from: Number, to: (onHand: number) => onHand } })
  onHand!: number;

  @Column({ name: 'unit_of_issue', type: 'text' })
  unitOfIssue!: string;
}
