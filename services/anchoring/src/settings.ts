import { readSettings } from '@countersign/host';
import { z } from 'zod';

/** `host:port`, or a port on the loopback address. */
const staticAddress = z
  .string()
  .regex(/^(?:[^\s:[\]]+:|\[[0-9a-f:]+\]:)?\d{1,5}$/i, 'must be a port or host:port')
  .transform((text) => {
    const at = text.lastIndexOf(':');
    return { host: at < 0 ? '127.0.0.1' : text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
  })
  .refine(({ port }) => port <= 65_535, 'must name a port up to 65535');

const settings = z.object({
  COUNTERSIGN_CHAIN_RPC_URL: z.url({ protocol: /^https?$/ }),
  COUNTERSIGN_CHAIN_CONTRACT: z.string().regex(/^0x[0-9a-f]{40}$/i, 'must be 0x and 40 hex digits'),
  COUNTERSIGN_CHAIN_ID: z
    .string()
    .regex(/^[1-9]\d{0,18}$/, 'must be a decimal number')
    .optional(),
  COUNTERSIGN_CHAIN_FINALITY: z.string().min(1).max(200).optional(),
  COUNTERSIGN_ANCHOR_INTERVAL_MS: z.coerce.number().int().min(100).max(3_600_000).default(1_000),
  COUNTERSIGN_ANCHOR_HEARTBEAT_S: z.coerce.number().int().min(0).max(86_400).default(0),
  COUNTERSIGN_STATIC_ADDRESS: staticAddress.optional(),
});

/** What the anchoring service has to know besides the settings of every service. */
export interface AnchoringSettings {
  readonly rpcUrl: string;
  readonly contract: string;
  /** Pins the chain; otherwise its first answer does. */
  readonly chainId?: bigint;
  /** Replaces what is said of finality. */
  readonly finality?: string;
  readonly commitIntervalMs: number;
  /** 0: no heartbeat. */
  readonly heartbeatMs: number;
  /** Where logs are served as static files; absent: nowhere. */
  readonly staticAddress?: { readonly host: string; readonly port: number };
}

/** @throws ConfigurationError */
export function readAnchoringSettings(environment: Readonly<Record<string, string | undefined>>): AnchoringSettings {
  const read = readSettings(settings, environment);
  return {
    rpcUrl: read.COUNTERSIGN_CHAIN_RPC_URL,
    contract: read.COUNTERSIGN_CHAIN_CONTRACT,
    ...(read.COUNTERSIGN_CHAIN_ID === undefined ? {} : { chainId: BigInt(read.COUNTERSIGN_CHAIN_ID) }),
    ...(read.COUNTERSIGN_CHAIN_FINALITY === undefined ? {} : { finality: read.COUNTERSIGN_CHAIN_FINALITY }),
    commitIntervalMs: read.COUNTERSIGN_ANCHOR_INTERVAL_MS,
    heartbeatMs: read.COUNTERSIGN_ANCHOR_HEARTBEAT_S * 1_000,
    ...(read.COUNTERSIGN_STATIC_ADDRESS === undefined ? {} : { staticAddress: read.COUNTERSIGN_STATIC_ADDRESS }),
  };
}
