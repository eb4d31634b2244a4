import type { JsonObject } from '@countersign/kernel';
import { LOOP_LIMITS } from '../config.js';
import { deadLetterTopic, TOPICS, topicsToCreate, type TopicSpec } from '../topics.js';
import { deadLetterMessage } from './dead-letter-message.js';
import { doorMessages, doorSchema, doorTitle, KAFKA_BINDING, type Door } from './door-messages.js';
import { SAMPLE_SIGNER } from './message-samples.js';
import { eventMessage, leavesMessage } from './platform-messages.js';

const DEAD_LETTER: JsonObject = { deadLetter: { $ref: '#/components/messages/deadLetter' } };
/** What ERPs need comes first. */
const DIRECTIONS: readonly TopicSpec['direction'][] = ['in', 'out', 'evt', 'log'];
const FOR_ERPS: ReadonlySet<TopicSpec['direction']> = new Set(['in', 'out']);

const ABOUT = `Kafka topics of Countersign. ERPs and partner systems use two kinds:

- \`countersign.in.*\`: what an ERP states. Countersign receives; you publish.
- \`countersign.out.*\`: what an ERP acts on. Countersign sends; you consume.

Every operation is told from Countersign's point of view. Messages are CloudEvents 1.0 over Kafka; messages of \`in\` topics are signed. A message that cannot be processed
stands in \`<topic>.dlq\` with its reason in headers, and its neighbours go on. Delivery is at least once in both directions: the same id is the same message.
The topics \`countersign.evt.*\` and \`countersign.log.*\` run between Countersign's own services; they are listed so that nothing on the broker is unexplained.

Step by step, with code: docs/erp-integration.md. A topic never changes in a way that breaks its users: such a change is a new topic, \`.v2\`.

The samples are signed with the key pair of RFC 8037 appendix A.1 over the compact JSON of the payload, members in the order shown.`;

/** Broker settings by topic name. */
const CREATED = new Map(topicsToCreate('').map((created) => [created.topic, created]));

/**
 * The AsyncAPI 3.0 document of every topic: a pure function of the topic catalogue, the schemas, the samples and the dead letter reasons.
 *
 * @param version of the platform
 */
export function asyncApiDocument(version: string): JsonObject {
  const topics = DIRECTIONS.flatMap((direction) =>
    Object.entries<TopicSpec>(TOPICS).filter(([, spec]) => spec.direction === direction),
  );
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Countersign topics',
      version,
      description: ABOUT,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      'x-sample-signer': { kid: SAMPLE_SIGNER.kid, publicKey: SAMPLE_SIGNER.publicKey.toString('base64url') },
    },
    defaultContentType: 'application/json',
    channels: Object.assign({}, ...topics.map(([id, spec]) => channelsOf(id, spec)), { deadLetters: otherDeadLetters() }),
    operations: Object.assign({}, ...topics.map(([id, spec]) => operationsOf(id, spec)), {
      sendDeadLetters: operation('send', 'deadLetters', 'Puts aside what one of our own services could not process'),
    }),
    components: { messages: messages(topics), schemas: schemas(topics) },
  };
}

function messages(topics: readonly (readonly [string, TopicSpec])[]): JsonObject {
  const ofDoors = topics.flatMap(([id, spec]) =>
    isDoor(spec) ? Object.entries(doorMessages(spec)).map(([mode, message]) => [messageId(id, mode), message]) : [],
  );
  return { ...Object.fromEntries(ofDoors), event: eventMessage(), leaves: leavesMessage(), deadLetter: deadLetterMessage() };
}

function schemas(topics: readonly (readonly [string, TopicSpec])[]): JsonObject {
  return Object.fromEntries(topics.flatMap(([, spec]) => (isDoor(spec) ? [[spec.schema, doorSchema(spec)]] : [])));
}

function channelsOf(id: string, spec: TopicSpec): JsonObject {
  const own = channel(spec.name, titleOf(spec), messagesOf(id, spec), spec.direction);
  if (spec.direction !== 'in') return { [id]: own };
  const name = deadLetterTopic(spec.name);
  return { [id]: own, [deadLettersId(id)]: channel(name, `Dead letters: ${titleOf(spec)}`, DEAD_LETTER, 'in') };
}

function channel(name: string, title: string, messages: JsonObject, direction: TopicSpec['direction']): JsonObject {
  return {
    address: name,
    title,
    messages,
    tags: [{ name: FOR_ERPS.has(direction) ? 'erp' : 'platform' }],
    bindings: { kafka: { topic: name, ...topicSettings(name) } },
  };
}

/** One channel for all dead letter topics that no ERP has to know. */
function otherDeadLetters(): JsonObject {
  const names = Object.values<TopicSpec>(TOPICS).flatMap(({ name, direction }) => (direction === 'in' ? [] : [name]));
  return {
    address: deadLetterTopic('{topic}'),
    title: 'Dead letters between services',
    description: 'Countersign writes none for topics of `out`: those are for their readers.',
    messages: DEAD_LETTER,
    parameters: { topic: { description: 'The topic that the message was published on.', enum: names } },
    tags: [{ name: 'platform' }],
    bindings: { kafka: topicSettings(deadLetterTopic(names[0] ?? '')) },
  };
}

/** The settings that the binding knows; a broker's others are nobody else's business. */
function topicSettings(name: string): JsonObject {
  const { partitions = 1, config = {} } = CREATED.get(name) ?? {};
  const { 'cleanup.policy': policy, ...rest } = config;
  const numbers = ['retention.ms', 'max.message.bytes'].flatMap((setting) =>
    rest[setting] === undefined ? [] : [[setting, Number(rest[setting])] as const],
  );
  const topicConfiguration = { ...(policy === undefined ? {} : { 'cleanup.policy': [policy] }), ...Object.fromEntries(numbers) };
  return { partitions, topicConfiguration, bindingVersion: KAFKA_BINDING };
}

function messagesOf(id: string, spec: TopicSpec): JsonObject {
  if (!isDoor(spec)) return reference(spec.direction === 'log' ? 'leaves' : 'event');
  const modes = Object.keys(doorMessages(spec));
  return Object.fromEntries(modes.map((mode) => [mode, { $ref: `#/components/messages/${messageId(id, mode)}` }]));
}

function operationsOf(id: string, spec: TopicSpec): JsonObject {
  const title = titleOf(spec);
  if (spec.direction !== 'in') return { [`send${capital(id)}`]: operation('send', id, `Tells: ${title}`) };
  return {
    [`receive${capital(id)}`]: operation('receive', id, `Takes: ${title}. Values up to ${LOOP_LIMITS.valueBytesMax} bytes`),
    [`send${capital(deadLettersId(id))}`]: operation(
      'send',
      deadLettersId(id),
      `Puts aside what could not be processed: ${title}`,
    ),
  };
}

function operation(action: 'send' | 'receive', channelId: string, summary: string): JsonObject {
  return { action, channel: { $ref: `#/channels/${channelId}` }, summary: `${summary}.` };
}

function titleOf(spec: TopicSpec): string {
  if (isDoor(spec)) return doorTitle(spec);
  if (spec.direction === 'log') return `Leaves of the log of ${spec.service}`;
  return `Domain events of ${spec.service}: ${spec.name.split('.').at(-2) ?? ''}`;
}

function isDoor(spec: TopicSpec): spec is TopicSpec & Door {
  return spec.schema !== undefined;
}

function reference(message: string): JsonObject {
  return { [message]: { $ref: `#/components/messages/${message}` } };
}

function messageId(channelId: string, mode: string): string {
  return channelId + capital(mode);
}

function deadLettersId(channelId: string): string {
  return `${channelId}DeadLetters`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
