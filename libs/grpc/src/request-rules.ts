import { create, type DescMessage, type Message, type MessageShape } from '@bufbuild/protobuf';
import { pathToString, reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { createValidator, type Violation } from '@bufbuild/protovalidate';
import type { ErrorCode } from '@countersign/kernel';

import { Undecodable } from './codec.js';
import { LIMITS } from './config.js';

/** One field that breaks a rule of the contract. The value is never repeated. */
export interface FieldViolation {
  /** Path as in the `.proto` file, e.g. `context.command_id` or `keys[3].kind`. */
  readonly field: string;
  readonly rule: string;
  readonly code: ErrorCode;
}

/** A request that breaks its contract. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';

  constructor(readonly violations: readonly [FieldViolation, ...FieldViolation[]]) {
    super(violations[0].code);
  }
}

const validator = createValidator();

/**
 * Checks a decoded request: it was decodable, holds nothing this version does not know (a system of record drops nothing silently),
 * no text with U+0000 (no store can keep it), and obeys every `buf.validate` rule.
 * @throws InvalidRequest
 */
export function requireValid<Desc extends DescMessage>(schema: Desc, request: unknown): MessageShape<Desc> {
  if (request instanceof Undecodable)
    throw new InvalidRequest([{ field: '', rule: 'not an encoding of this message', code: 'MESSAGE_MALFORMED' }]);
  const message = request as MessageShape<Desc>;
  const foreign = foreignContent(reflect(schema, message), '');
  const [first, ...others] = foreign.length > 0 ? foreign : ruleViolations(schema, message);
  if (first !== undefined) throw new InvalidRequest([first, ...others]);
  return message;
}

/** Compiles the rules of a message now, so that a broken rule fails the start and the first call is as quick as the others. */
export function compileRules(schema: DescMessage): void {
  const { error, kind } = validator.validate(schema, create(schema));
  if (kind === 'error') throw error;
}

function ruleViolations(schema: DescMessage, message: Message): FieldViolation[] {
  const result = validator.validate(schema, message);
  if (result.kind === 'error') throw result.error;
  return (result.violations ?? []).slice(0, LIMITS.violationsMax).map(fieldViolation);
}

function fieldViolation(violation: Violation): FieldViolation {
  return {
    field: pathToString(violation.field),
    rule: violation.message,
    code: violation.ruleId === 'required' ? 'FIELD_MISSING' : 'FIELD_INVALID',
  };
}

function foreignContent(message: ReflectMessage, path: string): FieldViolation[] {
  if ((message.getUnknown() ?? []).length > 0)
    return [{ field: path, rule: 'no fields beyond those of the contract', code: 'FIELD_UNKNOWN' }];
  return message.fields.flatMap((field) => {
    if (!message.isSet(field)) return [];
    const name = path === '' ? field.name : `${path}.${field.name}`;
    const value: unknown = message.get(field);
    if (field.fieldKind === 'message') return foreignContent(value as ReflectMessage, name);
    if (field.fieldKind === 'list') return listContent(field.listKind, value as Iterable<unknown>, name);
    return textContent(value, name);
  });
}

function listContent(kind: 'enum' | 'message' | 'scalar', items: Iterable<unknown>, name: string): FieldViolation[] {
  if (kind === 'enum') return [];
  return [...items].flatMap((item, index) =>
    kind === 'message' ? foreignContent(item as ReflectMessage, `${name}[${index}]`) : textContent(item, `${name}[${index}]`),
  );
}

function textContent(value: unknown, field: string): FieldViolation[] {
  return typeof value === 'string' && value.includes('\0') ? [{ field, rule: 'no character U+0000', code: 'FIELD_INVALID' }] : [];
}
