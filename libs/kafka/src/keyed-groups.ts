import type { IncomingMessage } from './event-bus.js';

/** Messages by key, each group in order, groups in order of their first message. A message without a key stands alone. */
export function keyedGroups(messages: readonly IncomingMessage[]): readonly (readonly IncomingMessage[])[] {
  const groups: IncomingMessage[][] = [];
  const byKey = new Map<string, IncomingMessage[]>();
  for (const message of messages) {
    const key = message.key?.toString('base64');
    const known = key === undefined ? undefined : byKey.get(key);
    if (known !== undefined) known.push(message);
    else {
      const group = [message];
      groups.push(group);
      if (key !== undefined) byKey.set(key, group);
    }
  }
  return groups;
}

/** Runs each group in order, at most `concurrency` groups at once; a group ends at its first message for which `run` returns false. */
export async function runGroups(
  groups: readonly (readonly IncomingMessage[])[],
  concurrency: number,
  run: (message: IncomingMessage) => Promise<boolean>,
): Promise<void> {
  let taken = 0;
  const worker = async (): Promise<void> => {
    for (let group = groups[taken++]; group !== undefined; group = groups[taken++]) {
      for (const message of group) if (!(await run(message))) break;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, groups.length) }, worker));
}
