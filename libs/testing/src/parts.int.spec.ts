import { describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { testAddresses } from './addresses.js';
import { createTestDatabase } from './test-database.js';
import { uniqueTopicPrefix } from './unique-names.js';

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the real parts of a test run', () => {
  it('is a PostgreSQL with fsync on, listening on loopback only', async () => {
    const settings = await ask<{ name: string; setting: string }>(
      testAddresses.postgresUrl,
      "select name, setting from pg_settings where name in ('fsync', 'listen_addresses', 'data_checksums') order by name",
    );
    expect(settings).toEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
    ]);
  });

  it('gives each suite a database whose app role owns nothing and creates nothing', async () => {
    const database = await createTestDatabase();
    try {
      await ask(database.ownerUrl, 'create table fact (id int)');
      await expect(ask(database.appUrl, 'select * from fact')).rejects.toMatchObject({ code: '42501' });
      await expect(ask(database.appUrl, 'create table other (id int)')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await database.drop();
    }
    await expect(ask(database.appUrl, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('is an Apache Kafka that creates no topic by itself', async () => {
    const admin = new kafkajs.Kafka({
      brokers: [...testAddresses.kafkaBrokers],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 0 },
    }).admin();
    await admin.connect();
    try {
      const topic = `${uniqueTopicPrefix()}parts`;
      await expect(admin.fetchTopicMetadata({ topics: [topic] })).rejects.toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION' });
      expect(await admin.createTopics({ topics: [{ topic }] })).toBe(true);
      await admin.deleteTopics({ topics: [topic] });
    } finally {
      await admin.disconnect();
    }
  });

  it('is an EVM node', async () => {
    const response = await fetch(testAddresses.chainRpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] }),
    });
    expect(await response.json()).toMatchObject({ result: expect.stringMatching(/^0x/) });
  });
});
