/** Addresses of the real parts that the test run started. */
export interface TestAddresses {
  /** Superuser URL; make a database of your own with `createTestDatabase`. */
  readonly postgresUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly chainRpcUrl: string;
}

/**
 * Each address is read when it is used, so that a suite needs only the parts it touches.
 * @throws Error when the run was started without real parts
 */
export const testAddresses: TestAddresses = {
  get postgresUrl() {
    return addressIn('COUNTERSIGN_TEST_POSTGRES_URL');
  },
  get kafkaBrokers() {
    return addressIn('COUNTERSIGN_TEST_KAFKA_BROKERS').split(',');
  },
  get chainRpcUrl() {
    return addressIn('COUNTERSIGN_TEST_CHAIN_RPC_URL');
  },
};

function addressIn(name: string): string {
  const address = process.env[name];
  if (address === undefined || address === '')
    throw new Error(`${name} is not set: run the suite by Jest with the repository's configuration`);
  return address;
}
