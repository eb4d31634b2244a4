import { createKafkaBus } from './kafka-bus.js';
import { eventBusContract } from './event-bus-contract.js';
import { jest } from '@jest/globals';
import { testBrokers } from './test-brokers.js';

jest.setTimeout(90_000);

const brokers = testBrokers();

eventBusContract('The Kafka bus', () =>
  Promise.resolve({
    bus: createKafkaBus({ brokers, clientId: 'contract' }),
    another: () => createKafkaBus({ brokers, clientId: 'contract-2', compression: 'zstd' }),
  }),
);
