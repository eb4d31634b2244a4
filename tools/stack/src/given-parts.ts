/** Addresses of parts that run elsewhere; a part that is not given is started. */
export interface GivenParts {
  readonly postgresUrl?: string;
  readonly kafkaBrokers?: string;
  readonly chainRpcUrl?: string;
}

/** The given parts as the environment names them. */
export function partsFromEnvironment(env: NodeJS.ProcessEnv = process.env): GivenParts {
  return {
    postgresUrl: nonEmpty(env['COUNTERSIGN_POSTGRES_URL']),
    kafkaBrokers: nonEmpty(env['COUNTERSIGN_KAFKA_BROKERS']),
    chainRpcUrl: nonEmpty(env['COUNTERSIGN_CHAIN_RPC_URL']),
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
