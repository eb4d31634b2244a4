import { describe, expect, it } from '@jest/globals';
import { testAddresses } from '@countersign/testing';
import { StackError } from '../stack-error.js';
import { givenChain } from './chain.js';
import { givenKafka } from './kafka.js';
import { givenPostgres } from './postgres.js';

const POSTGRES = new URL(testAddresses.postgresUrl).host;
const BROKER = testAddresses.kafkaBrokers[0] ?? '';
const CHAIN = new URL(testAddresses.chainRpcUrl).host;

describe('a given address', () => {
  it('is taken when the part answers there', async () => {
    expect(await givenPostgres(testAddresses.postgresUrl)).toMatchObject({ own: false });
    expect(await givenKafka(` ${BROKER}, `)).toEqual({ brokers: [BROKER], own: false });
    expect(await givenChain(testAddresses.chainRpcUrl)).toMatchObject({ own: false, name: 'single-node development chain' });
  });

  it.each(['', 'garbage', 'host', '127.0.0.1:8545', 'http://127.0.0.1:1'])(
    'that is no PostgreSQL URL is refused: %p',
    async (address) => {
      await expect(givenPostgres(address)).rejects.toBeInstanceOf(StackError);
    },
  );

  it.each(['', ',', 'garbage', 'host:port', 'a:1,b', 'http://a:1', 'localhost:99999'])(
    'that is no list of brokers is refused: %p',
    async (list) => {
      await expect(givenKafka(list)).rejects.toBeInstanceOf(StackError);
    },
  );

  it.each(['', 'garbage', '127.0.0.1:8545', 'ftp://127.0.0.1:1'])('that is no URL of a node is refused: %p', async (address) => {
    await expect(givenChain(address)).rejects.toBeInstanceOf(StackError);
  });

  it('where something else answers is refused', async () => {
    await expect(givenPostgres(`postgres://a:b@${CHAIN}/postgres`)).rejects.toBeInstanceOf(StackError);
    await expect(givenPostgres(`postgres://postgres:wrong@${POSTGRES}/postgres`)).rejects.toBeInstanceOf(StackError);
    await expect(givenKafka(POSTGRES)).rejects.toBeInstanceOf(StackError);
    await expect(givenChain(`http://${BROKER}`)).rejects.toBeInstanceOf(StackError);
  });
});
