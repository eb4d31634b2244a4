import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import { ConfigurationError, readServiceConfig, readSettings } from './service-config.js';

const ENVIRONMENT = {
  COUNTERSIGN_DATABASE_URL: 'postgres://app:canary@127.0.0.1:5432/inventory',
  COUNTERSIGN_KAFKA_BROKERS: '127.0.0.1:9092, 127.0.0.1:9093',
  COUNTERSIGN_GRPC_ADDRESS: '127.0.0.1:7001',
  COUNTERSIGN_HTTP_ADDRESS: '[::1]:7002',
  COUNTERSIGN_KEYSTORE: '/keys/inventory',
  COUNTERSIGN_IDENTITY_URL: '127.0.0.1:7003',
  COUNTERSIGN_JWKS_URL: 'http://127.0.0.1:7004/.well-known/jwks.json',
};

function refusalOf(read: () => unknown): ConfigurationError {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
  }
  throw new Error('was accepted');
}

describe('the settings of a service', () => {
  it('are read from the environment', () => {
    expect(readServiceConfig(ENVIRONMENT)).toMatchObject({
      kafkaBrokers: ['127.0.0.1:9092', '127.0.0.1:9093'],
      httpAddress: '[::1]:7002',
      topicPrefix: '',
      logLevel: 'info',
      reflection: true,
      anchoringAddress: undefined,
    });
  });

  it.each(Object.keys(ENVIRONMENT))('name what is missing: %s', (setting) => {
    const error = refusalOf(() => readServiceConfig({ ...ENVIRONMENT, [setting]: undefined }));
    expect(error.settings).toEqual([{ setting, rule: 'is required' }]);
  });

  it.each([
    ['COUNTERSIGN_DATABASE_URL', 'mysql://app:canary@h/db'],
    ['COUNTERSIGN_KAFKA_BROKERS', '127.0.0.1'],
    ['COUNTERSIGN_GRPC_ADDRESS', 'http://127.0.0.1:1'],
    ['COUNTERSIGN_JWKS_URL', 'file:///etc/canary'],
    ['COUNTERSIGN_TOPIC_PREFIX', 'a b'],
    ['COUNTERSIGN_LOG_LEVEL', 'canary'],
    ['COUNTERSIGN_GRPC_REFLECTION', 'canary'],
  ])('name what is wrong, and never its value: %s', (setting, value) => {
    const error = refusalOf(() => readServiceConfig({ ...ENVIRONMENT, [setting]: value }));
    expect(error.settings.map((each) => each.setting)).toEqual([setting]);
    expect(error.message).not.toContain('canary');
  });

  it('may be more than those every service has', () => {
    const schema = z.object({ COUNTERSIGN_CHAIN_RPC_URL: z.url() });
    expect(readSettings(schema, { COUNTERSIGN_CHAIN_RPC_URL: 'http://127.0.0.1:8545' })).toEqual({
      COUNTERSIGN_CHAIN_RPC_URL: 'http://127.0.0.1:8545',
    });
    expect(refusalOf(() => readSettings(schema, {})).settings[0]?.setting).toBe('COUNTERSIGN_CHAIN_RPC_URL');
  });
});
