import { createRequire } from 'node:module';
import { constants, zstdCompressSync, zstdDecompress } from 'node:zlib';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import type { Kafka, KafkaConfig, SASLOptions } from 'kafkajs';
import { CLIENT_LIMITS } from './config.js';

/** How to reach the brokers. */
export interface KafkaConnection {
  /** `host:port` of some brokers of the cluster. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: SASLOptions;
}

/** A new client. The broker list is shuffled so that a replacement does not start at the same hung broker again. */
export function newKafkaClient(connection: KafkaConnection, retries: number): Kafka {
  patchOnce();
  return new kafkajs.Kafka({
    clientId: connection.clientId,
    brokers: shuffled(connection.brokers),
    ssl: connection.ssl,
    sasl: connection.sasl,
    connectionTimeout: CLIENT_LIMITS.connectTimeoutMs,
    requestTimeout: CLIENT_LIMITS.requestTimeoutMs,
    retry: { retries, initialRetryTime: CLIENT_LIMITS.initialRetryMs, maxRetryTime: CLIENT_LIMITS.retryCapMs },
    // kafkajs logs whole errors with broker replies; what an operator needs is told by our own log.
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

function shuffled(brokers: readonly string[]): string[] {
  return brokers
    .map((broker) => ({ broker, at: Math.random() }))
    .sort((left, right) => left.at - right.at)
    .map(({ broker }) => broker);
}

interface RequestQueue {
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  throttledUntil: number;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

let patched = false;

function patchOnce(): void {
  if (patched) return;
  patched = true;
  patchRequestQueue();
  addZstd();
}

/**
 * kafkajs 2.2.4 arms a timer with a negative delay after every response, which Node runs every millisecond and warns about:
 * an idle client burns CPU. This version arms it only when there is something to wait for.
 */
function patchRequestQueue(): void {
  const require = createRequire(import.meta.url);
  const queue = require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null) return;
    let delayMs = this.throttledUntil - Date.now();
    if (this.pending.length > 0) delayMs = delayMs > 0 ? delayMs : 10;
    else if (delayMs <= 0) return;
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, delayMs);
  };
}

const decompress = promisify(zstdDecompress);

function addZstd(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { buffer: Buffer }) =>
      Promise.resolve(zstdCompressSync(encoder.buffer, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })),
    decompress: (buffer: Buffer) => decompress(buffer, { maxOutputLength: CLIENT_LIMITS.decompressedBytesMax }),
  });
}
