import { readFileSync } from 'node:fs';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { createTokenSource } from '@countersign/access';
import { createEvmChain, type Chain } from '@countersign/chain';
import { createClient, type Client } from '@countersign/grpc';
import { anchoringV1, evidenceV1 } from '@countersign/proto';
import type { Profile } from './profile.js';

/** A service that keeps a log of its own. */
export interface SourceClient {
  readonly name: string;
  readonly evidence: Client<typeof evidenceV1.EvidenceService>;
}

/** The doors an auditor needs, with his token. */
export interface PlatformClients {
  readonly sources: readonly SourceClient[];
  readonly logs: Client<typeof anchoringV1.LogService>;
  readonly proofs: Client<typeof anchoringV1.ProofService>;
  /** Reads the chain's node directly; absent if the profile names none. */
  readonly chain?: Pick<Chain, 'identity' | 'readHeads' | 'headAt'>;
  close(): void;
}

/** Connects to the platform as the principal of the profile; nothing is sent before the first call. */
export function connect(profile: Profile): PlatformClients {
  const tokenSource = createTokenSource({
    identityAddress: profile.identity,
    principalId: profile.principalId,
    appointmentId: profile.appointmentId,
    privateKey: createPrivateKey(readFileSync(profile.keyFile)),
  });
  const options = { tokenSource };
  const sources = Object.entries(profile.sources).map(([name, address]) => ({
    name,
    evidence: createClient(evidenceV1.EvidenceService, address, options),
  }));
  const logs = createClient(anchoringV1.LogService, profile.anchoring, options);
  const proofs = createClient(anchoringV1.ProofService, profile.anchoring, options);
  return {
    sources,
    logs,
    proofs,
    chain: profile.chain === undefined ? undefined : chainReader(profile.chain),
    close: () => {
      for (const client of [...sources.map((source) => source.evidence), logs, proofs]) client.close();
      tokenSource.close();
    },
  };
}

/** Reads only: the key is nobody's, and every broadcast is refused before it is sent. */
function chainReader({ rpcUrl, contract }: NonNullable<Profile['chain']>): Pick<Chain, 'identity' | 'readHeads' | 'headAt'> {
  const record = (): Promise<void> => Promise.reject(new Error('an auditor commits nothing'));
  return createEvmChain({ rpcUrl, contract, publisherKey: randomBytes(32), broadcasts: { record } });
}
