// Writes vectors/bundle.json anew: `npm run vectors -w libs/verifier` after a build. A vector that changes is a format that changes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleVectors, bundleVectorsText } from '../dist/testing/bundle-vectors.js';

writeFileSync(join(import.meta.dirname, '../../../vectors/bundle.json'), bundleVectorsText(bundleVectors()));
