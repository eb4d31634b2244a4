import { randomBytes } from 'node:crypto';

/** Ports of the single Kafka node. */
export interface KafkaPorts {
  readonly broker: number;
  readonly controller: number;
}

/**
 * Server properties of one small node that is broker and controller.
 * The quorum is static: with a dynamic one the controller's port would be part of the stored data and could not change.
 */
export function serverProperties({ broker, controller }: KafkaPorts, dataDir: string): string {
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${broker}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDir,
    'auto.create.topics.enable': 'false',
    // The largest message of our own is a leaves message of 1,000 entries or one event with its disclosures.
    'message.max.bytes': '5242880',
    'replica.fetch.max.bytes': '5242880',
    'group.initial.rebalance.delay.ms': '0',
    // Few partitions for the broker's own topics: quicker first use, quicker stop, less memory.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '4',
    // After SIGKILL a restart waits for the old session to end; with the default that is 9 s.
    'broker.session.timeout.ms': '1500',
    'broker.heartbeat.interval.ms': '300',
    // The default buffer takes 128 MB.
    'log.cleaner.dedupe.buffer.size': '1048577',
    // Logs are the system of record's way out, not its store: PostgreSQL keeps them for ever.
    'log.retention.hours': '168',
    'log.segment.bytes': '67108864',
    'log.index.size.max.bytes': '1048576',
    'num.network.threads': '2',
    'num.io.threads': '4',
  };
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

/** Warnings, plus the one line that tells that the broker is ready. */
export const LOG_SETTINGS = `Configuration:
  Appenders: { Console: { name: C, PatternLayout: { pattern: "%d{HH:mm:ss.SSS} %p %c{1} %m%n" } } }
  Loggers:
    Root: { level: WARN, AppenderRef: { ref: C } }
    Logger: [ { name: kafka.server.KafkaRaftServer, level: INFO } ]
`;

export const READY_LINE = 'Kafka Server started';

/** A small heap, one garbage collector thread, the quick compiler only: half the memory and start-up of the defaults. */
export const JAVA_FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** What an idle broker comes to use anyway is touched at the start, so that its memory does not creep up for hours. */
export const JAVA_HEAP_FLAGS = ['-Xms128m', '-Xmx256m', '-XX:+AlwaysPreTouch'];
/** One memory arena for each thread would grow for hours as well. */
export const JAVA_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };

/** 16 random bytes as Kafka writes them; one in 64 begins with a hyphen, which Kafka's own tool takes for an option. */
export function newClusterId(random: () => Buffer = () => randomBytes(16)): string {
  for (;;) {
    const id = random().toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
