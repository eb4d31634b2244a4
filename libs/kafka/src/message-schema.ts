import { readFileSync } from 'node:fs';
import { DomainError, type JsonValue } from '@countersign/kernel';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';

const SCHEMA_NAME = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/;

/** Beside `src` as well as beside `dist`. */
const SCHEMA_FOLDER = new URL('../schemas/', import.meta.url);

type DataCheck = (data: JsonValue) => void;

const checks = new Map<string, DataCheck>();
const ajv = new Ajv2020({ strict: true, allErrors: false, messages: false });
ajvFormats.default(ajv);

/**
 * Checks the data of a message against the JSON Schema (2020-12) of that name in `libs/kafka/schemas`.
 *
 * @param name file name without `.json`, e.g. `in.procurement.order.v1`
 * @throws DomainError SCHEMA_UNKNOWN if there is no such schema; SCHEMA_INVALID with the path of the field and the broken rule
 */
export function validateMessageData(name: string, data: JsonValue): void {
  let check = checks.get(name);
  if (check === undefined) checks.set(name, (check = dataCheckOf(messageSchema(name))));
  check(data);
}

/** The schema itself, as published to integrators. @throws DomainError SCHEMA_UNKNOWN */
export function messageSchema(name: string): Readonly<Record<string, unknown>> {
  if (!SCHEMA_NAME.test(name)) throw new DomainError('SCHEMA_UNKNOWN');
  let text: string;
  try {
    text = readFileSync(new URL(`${name}.json`, SCHEMA_FOLDER), 'utf8');
  } catch (error) {
    throw new DomainError('SCHEMA_UNKNOWN', {}, { cause: error });
  }
  return JSON.parse(text) as Record<string, unknown>;
}

/** A check against one schema; strict, so a schema with a typo does not compile. */
export function dataCheckOf(schema: object): DataCheck {
  const validate: ValidateFunction = ajv.compile(schema);
  return (data) => {
    if (validate(data)) return;
    const [error] = validate.errors ?? [];
    throw new DomainError('SCHEMA_INVALID', { field: fieldOf(error), rule: ruleOf(error) });
  };
}

/** Path as a caller writes it: `lines.0.quantity`. A name that only the message has is not repeated. */
function fieldOf(error: ErrorObject | undefined): string {
  const path = (error?.instancePath ?? '').split('/').slice(1).join('.');
  const missing: unknown = error?.params['missingProperty'];
  return [path, typeof missing === 'string' ? missing : ''].filter((part) => part !== '').join('.') || 'data';
}

function ruleOf(error: ErrorObject | undefined): string {
  switch (error?.keyword) {
    case 'required':
    case 'dependentRequired':
      return 'must be given';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'must not hold members that its schema does not name';
    case 'type':
      return `must be of type ${String(error.params['type'])}`;
    case 'enum':
    case 'const':
      return 'must be one of the listed values';
    case 'pattern':
      return `must match ${String(error.params['pattern'])}`;
    case 'format':
      return `must be a ${String(error.params['format'])}`;
    default:
      return `must keep the schema's rule ${error?.keyword ?? 'unknown'}`;
  }
}
