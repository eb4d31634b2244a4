import type { PlatformClients } from '@countersign/cli';
import type { EventBus } from '@countersign/kafka';
import type { Platform } from '@countersign/stack';
import type { ErpClient } from '../erp.js';
import type { Narrator } from '../narrator.js';

export interface QuarterWorld {
  readonly platform: Platform;
  readonly clients: PlatformClients;
  readonly bus: EventBus;
  readonly erp: ErpClient;
  readonly narrator: Narrator;
  /** Consumer group of procurement's ERP door. */
  readonly groupId: string;
  /** Full name of the topic that the rows are sent to. */
  readonly topic: string;
  readonly memoryMiB: () => number;
}

export const QUARTER_DEADLINE_MS = 10 * 60_000;

export function procurement({ clients }: Pick<QuarterWorld, 'clients'>): PlatformClients['sources'][number] {
  const source = clients.sources.find(({ name }) => name === 'procurement');
  if (source === undefined) throw new Error('the profile names no procurement service');
  return source;
}

/** Size of procurement's log. */
export async function logSize(world: Pick<QuarterWorld, 'clients'>): Promise<bigint> {
  return (await procurement(world).evidence.getLog({})).size;
}
