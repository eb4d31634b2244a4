// Writes the golden vectors anew: `npm run vectors -w libs/record` after a build. A vector that changes is a format that changes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorFiles, vectorText } from '../dist/vectors/vector-files.js';

const folder = join(import.meta.dirname, '../../../vectors');
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(vectorFiles())) {
  writeFileSync(join(folder, `${name}.json`), vectorText(content));
}
