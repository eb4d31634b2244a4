import { openDataLayout } from './layout.js';
import { startKafka } from './parts/kafka.js';
import { openPortBook } from './parts/ports.js';
import { Supervisor } from './parts/supervisor.js';

/** An Apache Kafka that belongs to one tool. */
export interface OneKafka {
  /** `host:port` */
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts the Apache Kafka that Maven fetched, beside the platform's own.
 *
 * @param dataDir owned by one program at a time; what is in it is kept
 * @throws StackError when it does not get ready, Java or the jars are missing, or another program owns the data directory
 */
export async function startOneKafka(dataDir: string): Promise<OneKafka> {
  const layout = openDataLayout(dataDir);
  const supervisor = await Supervisor.open(layout.root);
  try {
    const { brokers } = await startKafka(layout, supervisor, openPortBook(layout.at('ports.json')));
    return { brokers, stop: () => supervisor.close() };
  } catch (error) {
    await supervisor.close();
    throw error;
  }
}
