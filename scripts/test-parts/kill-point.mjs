/**
 * `node --import kill-point.mjs service.js` with `COUNTERSIGN_KILL_POINT`: the process kills itself (SIGKILL) at one named step of its
 * input and output, before the step has any effect or as soon as it had it. For tests only: nothing of it is in what ships, and a
 * service that is not started this way cannot be told to die.
 *
 * The setting is JSON: `{"step": "sql" | "rpc" | "offset-commit", "match": "<part of the text or topic>", "when": "before" | "after"}`.
 */
import { createRequire } from 'node:module';

const { step, match, when } = JSON.parse(process.env.COUNTERSIGN_KILL_POINT);
const require = createRequire(import.meta.url);

function die() {
  process.kill(process.pid, 'SIGKILL');
}

/** Calls through, and dies on one side of the call. */
function dieAround(call) {
  if (when === 'before') die();
  return call();
}

function killAtSql() {
  const { prototype } = require('pg').Client;
  const { query } = prototype;
  prototype.query = function (...args) {
    const text = typeof args[0] === 'string' ? args[0] : args[0]?.text;
    if (!String(text).includes(match)) return query.apply(this, args);
    return dieAround(() => {
      const callback = args.at(-1);
      if (typeof callback === 'function') return query.apply(this, [...args.slice(0, -1), die]);
      return query.apply(this, args).then(die, die);
    });
  };
}

function killAtRpc() {
  const { fetch } = globalThis;
  globalThis.fetch = (url, options) => {
    if (typeof options?.body !== 'string' || !options.body.includes(match)) return fetch(url, options);
    return dieAround(async () => {
      const response = await fetch(url, options);
      await response.text();
      die();
    });
  };
}

function killAtOffsetCommit() {
  const { prototype } = require('kafkajs').Kafka;
  const { consumer } = prototype;
  prototype.consumer = function (options) {
    const made = consumer.call(this, options);
    const { run } = made;
    made.run = (config) => run({ ...config, eachBatch: (payload) => config.eachBatch(watched(payload)) });
    return made;
  };
  const watched = (payload) => {
    if (!payload.batch.topic.includes(match)) return payload;
    return {
      ...payload,
      commitOffsetsIfNecessary: (offsets) =>
        dieAround(async () => {
          await payload.commitOffsetsIfNecessary(offsets);
          die();
        }),
    };
  };
}

({ sql: killAtSql, rpc: killAtRpc, 'offset-commit': killAtOffsetCommit })[step]();
