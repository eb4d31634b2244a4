#!/usr/bin/env node
// The command line of Countersign. Needs the build (`npm run build`; `npm start` does it) and Node 24, which `npx` finds in the project.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    'countersign: needs Node 24; run it with npx inside the project, or put node_modules/.bin first on PATH\n',
  );
  process.exit(2);
}
if (!existsSync(main)) {
  process.stderr.write('countersign: not built yet; run: npm run build\n');
  process.exit(2);
}
await import(main.href);
