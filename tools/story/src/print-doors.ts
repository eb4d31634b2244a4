import { existsSync } from 'node:fs';
import path from 'node:path';
import { PROFILE_FILE } from '@countersign/cli';
import type { Platform } from '@countersign/stack';
import type { Narrator } from './narrator.js';
import { ITEM } from './story-facts.js';

/** Where everything is to be found while the platform stays up, and what to try next. */
export function printDoors(platform: Platform, narrator: Narrator): void {
  const { addresses, parts, provisioned, namespace } = platform;
  narrator.line('\nDoors');
  for (const [name, { grpc, http }] of Object.entries(addresses))
    narrator.line(`  ${name.padEnd(12)} gRPC ${grpc}   health, metrics http://${http}`);
  const topics = ['in', 'out', 'evt'].map((direction) => `${namespace.topic}countersign.${direction}.*`).join(', ');
  narrator.line(`  Kafka        ${parts.kafka.brokers.join(',')}   (${topics})`);
  narrator.line(
    `  chain        ${new URL(parts.chain.rpcUrl).host}   contract ${provisioned.contract.address}, ${parts.chain.name}`,
  );
  const { principalId, privateKeyFile } = provisioned.keystores.administrator;
  narrator.line(`  first caller principal ${principalId}, key ${shown(privateKeyFile)}`);
  narrator.line('\nTry next');
  for (const line of nextSteps(platform)) narrator.line(`  ${line}`);
  narrator.line('\nCtrl-C stops everything');
}

function nextSteps({ parts, provisioned }: Platform): readonly string[] {
  const profile = path.join(parts.layout.root, 'clients', PROFILE_FILE);
  if (!existsSync(profile)) return ['nobody is registered yet: end this with Ctrl-C, and npm start plays the story'];
  const isFound =
    path.dirname(parts.layout.root) === process.cwd() && path.basename(parts.layout.root).startsWith('.countersign');
  const option = isFound ? '' : ` --profile ${shown(profile)}`;
  return [
    `npx countersign trace ${ITEM}${option}`,
    `npx countersign proof ${ITEM} -o item.bundle.json${option} && npx countersign verify item.bundle.json --trust ${shown(provisioned.publicFiles.trust)}`,
    `npx countersign audit${option}`,
  ];
}

/** As one would type it here. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}
