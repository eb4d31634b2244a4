import { jest } from '@jest/globals';
import { consumerContract } from './consumer-contract.js';
import { createKafkaBus } from './kafka-bus.js';
import { testBrokers } from './test-brokers.js';

jest.setTimeout(60_000);

const brokers = testBrokers();

consumerContract('Kafka', () =>
  Promise.resolve({
    bus: createKafkaBus({ brokers, clientId: 'loop' }),
    another: () => createKafkaBus({ brokers, clientId: 'loop-2' }),
  }),
);
