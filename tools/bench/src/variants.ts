import type { MeasureVariant } from './variant.js';

/** Every variant that is a Node process, by name; loaded only in its own process. */
export const VARIANTS: Readonly<Record<string, () => Promise<MeasureVariant>>> = {
  append: async () => (await import('./variants/append.js')).measureAppend,
  'kafka-publish': async () => (await import('./variants/kafka-publish.js')).measurePublish,
  'micro-growth': async () => (await import('./variants/micro-tree.js')).measureGrowth,
  'micro-hash': async () => (await import('./variants/micro-hash.js')).measureHash,
  'micro-tree': async () => (await import('./variants/micro-tree.js')).measureTree,
  'relay-append': async () => (await import('./variants/relay-append.js')).measureAppendWithRelay,
  'relay-delivery': async () => (await import('./variants/relay-delivery.js')).measureDelivery,
  'append-replica': async () => (await import('./variants/append-replicas.js')).measureReplica,
  'append-replicas': async () => (await import('./variants/append-replicas.js')).measureReplicas,
  command: async () => (await import('./variants/command.js')).measureCommand,
  'emmett-command': async () => (await import('./variants/emmett.js')).measureEmmettCommand,
  emmett: async () => (await import('./variants/emmett.js')).measureEmmett,
  'one-statement': async () => (await import('./variants/one-statement.js')).measureOneStatement,
  'size-append': async () => (await import('./variants/size-append.js')).measureAppendToLarge,
  'size-command': async () => (await import('./variants/size-command.js')).measureCommandOnLong,
  'size-tail': async () => (await import('./variants/size-append.js')).measureTail,
  seal: async () => (await import('./variants/seal.js')).measureSeal,
  typeorm: async () => (await import('./variants/typeorm-save.js')).measureTypeorm,
};
