// Prints buf/validate/validate.proto from the descriptor inside @bufbuild/protovalidate, so that the rules the contracts
// are written in are always those that the installed validator implements. Comments are not part of a descriptor.
//   node libs/proto/scripts/print-validate-proto.mjs [--check]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getExtension, hasExtension } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { FieldDescriptorProto_Label as Label, FieldDescriptorProto_Type as Type } from '@bufbuild/protobuf/wkt';
import { file_buf_validate_validate as file } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

const target = new URL('../../../third_party/buf/validate/validate.proto', import.meta.url);
const EXTENSION_NUMBER_END = 536_870_912;
const { proto } = file;

const text = `${[
  '// Printed by libs/proto/scripts/print-validate-proto.mjs from the descriptor in @bufbuild/protovalidate (Apache-2.0). Do not edit.',
  'syntax = "proto2";',
  '',
  `package ${proto.package};`,
  '',
  ...proto.dependency.map((name) => `import "${name}";`),
  '',
  ...proto.extension.flatMap((field) => [`extend ${field.extendee} {`, fieldLine(field, '  '), '}', '']),
  ...proto.enumType.flatMap(enumBlock),
  ...proto.messageType.flatMap(messageBlock),
]
  .join('\n')
  .trimEnd()}\n`;

if (!process.argv.includes('--check')) {
  mkdirSync(new URL('.', target), { recursive: true });
  writeFileSync(target, text);
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
  console.error('third_party/buf/validate/validate.proto differs from the installed validator: run npm run generate');
  process.exitCode = 1;
}

function messageBlock(type) {
  if (type.nestedType.length + type.enumType.length + type.extension.length > 0)
    throw new Error(`nested types in ${type.name} are not supported`);
  return [
    `message ${type.name} {`,
    ...optionValues(type.options).map((option) => `  option ${option};`),
    ...type.field.filter((field) => !Object.hasOwn(field, 'oneofIndex')).map((field) => fieldLine(field, '  ')),
    ...type.oneofDecl.flatMap((oneof, index) => [
      `  oneof ${oneof.name} {`,
      ...optionValues(oneof.options).map((option) => `    option ${option};`),
      ...type.field
        .filter((field) => Object.hasOwn(field, 'oneofIndex') && field.oneofIndex === index)
        .map((field) => fieldLine(field, '    ')),
      '  }',
    ]),
    ...type.extensionRange.map(({ start, end }) => `  extensions ${start} to ${end === EXTENSION_NUMBER_END ? 'max' : end - 1};`),
    ...type.reservedRange.map(({ start, end }) => `  reserved ${start} to ${end - 1};`),
    ...type.reservedName.map((name) => `  reserved "${name}";`),
    '}',
    '',
  ];
}

function enumBlock(type) {
  return [`enum ${type.name} {`, ...type.value.map(({ name, number }) => `  ${name} = ${number};`), '}', ''];
}

function fieldLine(field, indent) {
  const label = Object.hasOwn(field, 'oneofIndex') ? '' : `${Label[field.label].toLowerCase()} `;
  const options = optionValues(field.options);
  return `${indent}${label}${typeName(field)} ${field.name} = ${field.number}${options.length === 0 ? '' : ` [${options.join(', ')}]`};`;
}

function typeName(field) {
  return field.typeName === '' ? Type[field.type].toLowerCase() : field.typeName;
}

/** Only the two kinds of option this file uses: `deprecated` and the validator's own extensions. */
function optionValues(options) {
  if (options === undefined) return [];
  const values = file.extensions
    .filter((extension) => extension.extendee.typeName === options.$typeName && hasExtension(options, extension))
    .map((extension) => `(${extension.typeName}) = ${textOf(extension.message, getExtension(options, extension))}`);
  return options.deprecated ? ['deprecated = true', ...values] : values;
}

/** Text format of a message. */
function textOf(desc, message) {
  const view = reflect(desc, message);
  const fields = view.fields
    .filter((field) => view.isSet(field))
    .map((field) => `${field.name}: ${valueText(field, view.get(field))}`);
  return `{ ${fields.join(', ')} }`;
}

function valueText(field, value) {
  if (field.fieldKind === 'list')
    return `[${[...value].map((item) => (field.listKind === 'message' ? textOf(field.message, item.message) : JSON.stringify(item))).join(', ')}]`;
  return field.fieldKind === 'message' ? textOf(field.message, value.message) : JSON.stringify(value);
}
