import { LOG_LEVELS } from '@countersign/observability';
import { z } from 'zod';

/** A setting that keeps a service from starting. Names the variables and the rules, never their values: they hold passwords. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly settings: readonly { readonly setting: string; readonly rule: string }[]) {
    super(settings.map(({ setting, rule }) => `${setting}: ${rule}`).join('; '));
  }
}

/** `host:port` */
export const address = z.string().regex(/^[^\s:]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i, 'must be host:port');
/** PostgreSQL connection string. */
export const databaseUrl = z.string().regex(/^postgres(ql)?:\/\/\S+$/, 'must be a postgres:// URL');
/** `host:port`, separated by commas. */
export const addressList = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .pipe(z.array(address).min(1));

const onOff = z.enum(['on', 'off']).transform((word) => word === 'on');

const settings = z.object({
  COUNTERSIGN_DATABASE_URL: databaseUrl,
  COUNTERSIGN_KAFKA_BROKERS: addressList,
  COUNTERSIGN_GRPC_ADDRESS: address,
  COUNTERSIGN_HTTP_ADDRESS: address,
  COUNTERSIGN_KEYSTORE: z.string().min(1),
  COUNTERSIGN_IDENTITY_URL: address,
  COUNTERSIGN_JWKS_URL: z.url({ protocol: /^https?$/ }),
  COUNTERSIGN_ANCHORING_URL: address.optional(),
  COUNTERSIGN_TOPIC_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,60}$/)
    .default(''),
  COUNTERSIGN_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  COUNTERSIGN_GRPC_REFLECTION: onOff.default(true),
});

/** The settings of every service, from its environment. */
export interface ServiceConfig {
  readonly databaseUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly grpcAddress: string;
  readonly httpAddress: string;
  readonly keystore: string;
  readonly identityAddress: string;
  readonly jwksUrl: string;
  readonly anchoringAddress?: string;
  readonly topicPrefix: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly reflection: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigurationError */
export function readServiceConfig(environment: Environment): ServiceConfig {
  const read = readSettings(settings, environment);
  return {
    databaseUrl: read.COUNTERSIGN_DATABASE_URL,
    kafkaBrokers: read.COUNTERSIGN_KAFKA_BROKERS,
    grpcAddress: read.COUNTERSIGN_GRPC_ADDRESS,
    httpAddress: read.COUNTERSIGN_HTTP_ADDRESS,
    keystore: read.COUNTERSIGN_KEYSTORE,
    identityAddress: read.COUNTERSIGN_IDENTITY_URL,
    jwksUrl: read.COUNTERSIGN_JWKS_URL,
    anchoringAddress: read.COUNTERSIGN_ANCHORING_URL,
    topicPrefix: read.COUNTERSIGN_TOPIC_PREFIX,
    logLevel: read.COUNTERSIGN_LOG_LEVEL,
    reflection: read.COUNTERSIGN_GRPC_REFLECTION,
  };
}

/**
 * Reads further settings of one service: `readSettings(z.object({ COUNTERSIGN_CHAIN_RPC_URL: z.url() }), process.env)`.
 * @throws ConfigurationError
 */
export function readSettings<Schema extends z.ZodObject>(schema: Schema, environment: Environment): z.output<Schema> {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  throw new ConfigurationError(
    result.error.issues.map(({ path, code, message }) => {
      const setting = String(path[0]);
      return { setting, rule: environment[setting] === undefined ? 'is required' : code === 'custom' ? 'is not valid' : message };
    }),
  );
}
