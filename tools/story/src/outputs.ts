import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StoryOutcome } from './run-story.js';

/**
 * Makes the folder of an option if it is not there, before anything else is done.
 * @throws Error in words, if it cannot be written to
 */
export function openFolder(option: string, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Error(`${option}: cannot write to ${folder} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, {
      cause: error,
    });
  }
}

/** What the story leaves for an auditor. */
export function writeFiles(folder: string, { report, bundle, trust }: StoryOutcome): void {
  writeFileSync(path.join(folder, 'audit.json'), `${toJson(report)}\n`);
  writeFileSync(path.join(folder, 'item.bundle.json'), bundle);
  writeFileSync(path.join(folder, 'trust.json'), trust);
}

/** JSON for people and machines: 64-bit integers as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => (typeof member === 'bigint' ? member.toString() : member), 2);
}
