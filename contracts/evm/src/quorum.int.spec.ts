import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toHex, type Address, type Hex } from 'viem';
import { RegistryDriver } from './registry-driver.js';
import { openRegistryFixture, type RegistryFixture } from './registry-fixture.js';
import { SampleAttester, SampleLog } from './sample-log.js';

let counter = 0;
const freshId = (): Hex => toHex((counter += 1), { size: 32 });

describe('the quorum of a log', () => {
  let fixture: RegistryFixture;
  let registry: RegistryDriver;
  let [usa, nld, deu, publisher, stranger]: Address[] = [];

  beforeAll(async () => {
    fixture = await openRegistryFixture();
    [usa, nld, deu, publisher, stranger] = fixture.accounts as Address[];
  });
  afterAll(() => fixture?.close());

  describe('a log with a quorum', () => {
    const [a, b, c, outsider] = Array.from({ length: 4 }, () => new SampleAttester());

    beforeAll(async () => {
      registry = await RegistryDriver.deploy(fixture, [usa!, nld!, deu!, publisher!, stranger!], 3, 2);
      // Each member attests with a key of its own; one of them is the publisher of the log.
      for (const [member, { address }] of [
        [nld!, a!],
        [deu!, b!],
        [stranger!, c!],
      ] as const)
        expect((await registry.send(member, 'changeAttester', [address])).status).toBe('success');
    });

    async function openAttested(): Promise<SampleLog> {
      const log = new SampleLog(freshId(), 64);
      await registry.register(usa!, log.logId, publisher!, [nld!, deu!, stranger!, publisher!], 2);
      return log;
    }
    const outcomeOf = async (log: SampleLog, attestations: Hex[]): Promise<string | undefined> =>
      (await registry.commit(publisher!, [log.commit(0, 5, attestations)])).settled[0]?.outcome;

    it('accepts a head with enough attestations, whatever else is sent along', async () => {
      const log = await openAttested();
      const by = (attester: SampleAttester): Promise<Hex> => attester.attest(log.logId, 5, log.root(5));
      const attestations = [
        '0x' as Hex,
        toHex(Buffer.alloc(65, 1)),
        await by(outsider!),
        await by(c!),
        await by(c!),
        await by(a!),
      ];
      expect(await outcomeOf(log, attestations)).toBe('Accepted');
    });

    it('counts each attester once, and nothing that is not about this head', async () => {
      const log = await openAttested();
      const by = (attester: SampleAttester, id = log.logId, size = 5, root = log.root(5)): Promise<Hex> =>
        attester.attest(id, size, root);
      const valid = await by(a!);
      expect(await outcomeOf(log, [])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, valid])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, twin(valid)])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, twin(await by(b!))])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(outsider!)])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(b!, freshId())])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(b!, log.logId, 6)])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(b!, log.logId, 5, log.root(6))])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, `${await by(b!)}00`])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [...Array.from({ length: 32 }, () => valid), await by(b!)])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(b!)])).toBe('Accepted');
    });
  });

  describe('a log with a quorum whose members change', () => {
    it('counts nobody who left, and nobody by a key that he replaced', async () => {
      const members = [usa!, nld!, deu!, stranger!];
      const changing = await RegistryDriver.deploy(fixture, members, 3);
      const keys = Array.from({ length: 2 }, () => new SampleAttester());
      const [nldKey, deuKey] = keys as [SampleAttester, SampleAttester];
      await changing.send(nld!, 'changeAttester', [nldKey.address]);
      await changing.send(deu!, 'changeAttester', [deuKey.address]);
      const log = new SampleLog(freshId(), 64);
      await changing.register(usa!, log.logId, publisher!, [nld!, deu!], 1);
      let from = 0;
      const attested = async (size: number, key: SampleAttester): Promise<string | undefined> => {
        const commit = log.commit(from, size, [await key.attest(log.logId, size, log.root(size))]);
        const outcome = (await changing.commit(publisher!, [commit])).settled[0]?.outcome;
        if (outcome === 'Accepted') from = size;
        return outcome;
      };
      expect(await attested(3, nldKey)).toBe('Accepted');
      const newKey = new SampleAttester();
      await changing.send(nld!, 'changeAttester', [newKey.address]);
      expect(await attested(4, nldKey)).toBe('QuorumNotMet');
      expect(await attested(4, newKey)).toBe('Accepted');
      await changing.decide([usa!, deu!, stranger!], 'proposeMembership', [[], [nld!], 2, 0]);
      expect(await attested(5, newKey)).toBe('QuorumNotMet');
      expect(await changing.attesterOf(nld!)).toBe(`0x${'0'.repeat(40)}`);
      expect(await attested(5, deuKey)).toBe('Accepted');
      // Two of three decide now. The log needs both of two members of whom one left: until members name others, it stands still.
      const quorum = [log.logId, [deu!, stranger!], 2];
      expect((await changing.decide([usa!, deu!], 'proposeQuorum', quorum)).status).toBe('success');
      expect(await attested(6, deuKey)).toBe('QuorumNotMet');
      expect(await changing.logOf(log.logId)).toMatchObject({ attesters: [deu, stranger], threshold: 2 });
      const withoutSeat = await changing.propose(usa!, 'proposeQuorum', [log.logId, [nld!], 1]);
      expect(await changing.errorOf(deu!, 'approve', [withoutSeat])).toBe('AttestersInvalid');
    });

    it('does not take the key of the publisher for another organisation, whoever names it', async () => {
      const own = new SampleAttester();
      const one = await RegistryDriver.deploy(fixture, [usa!, nld!], 2, 1);
      const log = new SampleLog(freshId(), 64);
      await fixture.client.request({ method: 'anvil_setBalance', params: [own.address, toHex(10n ** 20n)] } as never);
      await fixture.client.request({ method: 'anvil_impersonateAccount', params: [own.address] } as never);
      await one.register(usa!, log.logId, own.address, [nld!], 1);
      await one.send(nld!, 'changeAttester', [own.address]);
      const attestation = await own.attest(log.logId, 5, log.root(5));
      expect((await one.commit(own.address, [log.commit(0, 5, [attestation])])).settled[0]?.outcome).toBe('QuorumNotMet');
    });
  });

  /** Twin of a signature with s replaced by n − s and the other v. */
  function twin(signature: Hex): Hex {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = BigInt(`0x${signature.slice(66, 130)}`);
    const v = signature.endsWith('1b') ? '1c' : '1b';
    return `0x${signature.slice(2, 66)}${(order - s).toString(16).padStart(64, '0')}${v}`;
  }
});
