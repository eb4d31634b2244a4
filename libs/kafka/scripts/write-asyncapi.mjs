// Writes docs/asyncapi.json from the sources of the topic catalogue: no build is needed, so nothing stale is written.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import '../../../scripts/typescript-hooks.mjs';

const root = join(import.meta.dirname, '../../..');
const { asyncApiDocument } = await import('../src/contract/asyncapi-document.ts');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const path = join(root, 'docs/asyncapi.json');
const text = JSON.stringify(asyncApiDocument(version));
writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
