/** The four services; identity first, which the others ask for tokens and keys. */
export const SERVICES = ['identity', 'inventory', 'procurement', 'anchoring'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The services that keep an event log of their own. */
export const LOG_SERVICES = ['identity', 'inventory', 'procurement'] as const;
export type LogServiceName = (typeof LOG_SERVICES)[number];

/**
 * Processes of other organisations that cosign the operator's checkpoints, each with a database and keys of its own. They depend on no
 * service, and no service waits for them.
 */
export const COSIGNERS = ['witness'] as const;
export type CosignerName = (typeof COSIGNERS)[number];

export interface CosignerPlan {
  /** Whose it is; never the operator's. */
  readonly organisation: string;
  /** Name of its key, under which it signs. */
  readonly keyName: string;
  /** Folder with `main.js` and `migrate.js`, from the root of the repository. */
  readonly program: string;
}

export const COSIGNER_PLANS: Readonly<Record<CosignerName, CosignerPlan>> = {
  witness: {
    organisation: 'auditor-nld',
    keyName: 'auditor-nld.example/witness',
    program: 'services/anchoring/dist/witness',
  },
};

/** Everything of one platform that must not meet another platform's on shared parts. */
export interface Namespace {
  /** Prefix of databases and roles, e.g. `countersign`. */
  readonly database: string;
  /** Prefix of topics and consumer groups; empty by default. */
  readonly topic: string;
}

/** Domain under which log origins stand; documentation domain of RFC 2606. */
const ORIGIN_DOMAIN = 'countersign.example';

/** The organisation that runs the services and so the logs. */
export const OPERATOR = 'operator';

/** Principal id of the first administrator, who registers everybody else. */
export const ADMINISTRATOR = 'administrator';

export function originOf(service: LogServiceName): string {
  return `${ORIGIN_DOMAIN}/${service}`;
}

export function servicePrincipal(service: ServiceName): string {
  return `service-${service}`;
}

/** `COUNTERSIGN_NAMESPACE` and `COUNTERSIGN_TOPIC_PREFIX`, or their defaults. */
export function namespaceFromEnvironment(): Namespace {
  return {
    database: process.env['COUNTERSIGN_NAMESPACE'] ?? 'countersign',
    topic: process.env['COUNTERSIGN_TOPIC_PREFIX'] ?? '',
  };
}
