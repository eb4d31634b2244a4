import type { ReadModelRow } from '@countersign/event-log';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A requisition. Key: that of its stream. */
@Entity({ schema: 'requisitions', name: 'requisition' })
export class RequisitionRow implements ReadModelRow {
  @PrimaryColumn({ type: 'int4' })
  generation!: number;

  @PrimaryColumn({ type: 'text' })
  key!: string;

  /** With the year, or neither of them. */
  @Column({ name: 'document_number', type: 'text', nullable: true })
  documentNumber!: string | null;

  @Column({ type: 'int4', nullable: true })
  year!: number | null;

  @Column({ name: 'rtd_reference', type: 'text', nullable: true })
  rtdReference!: string | null;

  @Column({ type: 'text' })
  status!: 'SUBMITTED' | 'RELEASED' | 'SHIPPED' | 'RECEIVED' | 'CANCELLED';

  @Column({ type: 'text', nullable: true })
  nsn!: string | null;

  @Column({ name: 'local_stock_number', type: 'text', nullable: true })
  localStockNumber!: string | null;

  @Column({ type: 'int4' })
  quantity!: number;

  @Column({ name: 'unit_of_issue', type: 'text' })
  unitOfIssue!: string;

  @Column({ type: 'text' })
  priority!: string;

  @Column({ name: 'required_delivery', type: 'text' })
  requiredDelivery!: string;

  @Column({ type: 'bool' })
  reviewed!: boolean;

  /** Shipments that were not reversed, and the sum of their quantities. */
  @Column({ type: 'int4' })
  shipments!: number;

  @Column({ name: 'shipped_quantity', type: 'int4' })
  shippedQuantity!: number;

  /** Organisation ids. */
  @Column({ type: 'text' })
  requisitioner!: string;

  @Column({ name: 'supply_organisation', type: 'text', nullable: true })
  supplyOrganisation!: string | null;

  @Column({ name: 'supply_ric', type: 'text', nullable: true })
  supplyRic!: string | null;
}
