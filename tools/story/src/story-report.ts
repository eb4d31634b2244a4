import type { DossierAudit, PlatformAudit } from '@countersign/cli';
import type { OfflineCheck } from './drills/offline-check.js';
import type { TamperDrill } from './drills/tamper.js';
import type { StepLine } from './narrator.js';
import type { QuarterReport } from './quarter/play-quarter.js';
import type { PaymentFacts } from './steps/issue-and-payment.js';

/** Everything the story showed; `holds` only if every step, proof and drill came out as it must. */
export interface StoryReport {
  readonly holds: boolean;
  readonly steps: readonly StepLine[];
  readonly payment: PaymentFacts;
  readonly dossier: DossierAudit;
  readonly tamperDrill: TamperDrill;
  readonly offlineCheck: Omit<OfflineCheck, 'report'> & {
    readonly passed: number;
    readonly failed: number;
    readonly notChecked: number;
  };
  readonly quarter?: QuarterReport;
  /** One document number of the quarter with its proof, verified offline. */
  readonly quarterTrace?: { readonly item: string; readonly records: number; readonly holds: boolean };
  readonly platform: PlatformAudit;
  readonly memoryMiB: number;
  readonly seconds: number;
}
