import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileContract } from './compile.js';
import { LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE, LOG_REGISTRY_DEPLOYED_BYTECODE } from './log-registry.generated.js';

describe('the committed artifact', () => {
  const compiled = compileContract('LogRegistry', import.meta.dirname);

  it('is what the sources compile to', () => {
    const artifact: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../artifacts/LogRegistry.json'), 'utf8'));
    expect(artifact).toEqual(compiled);
  });

  it('equals the generated module', () => {
    expect(LOG_REGISTRY_ABI).toEqual(compiled.abi);
    expect(LOG_REGISTRY_BYTECODE).toBe(compiled.bytecode);
    expect(LOG_REGISTRY_DEPLOYED_BYTECODE).toBe(compiled.deployedBytecode);
  });

  it('fits the code size limit of EIP-170', () => {
    expect((compiled.deployedBytecode.length - 2) / 2).toBeLessThan(24_576);
  });
});
