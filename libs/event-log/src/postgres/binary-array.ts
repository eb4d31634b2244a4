/** Type ids of PostgreSQL's own types; fixed for ever (`src/include/catalog/pg_type.dat`). */
const OID = { bytea: 17, int8: 20, int4: 23, text: 25, uuid: 2950 } as const;

const HEADER_SIZE = 20;

/**
 * One-dimensional arrays in PostgreSQL's binary form (`array_recv`). The driver sends a Buffer as a binary parameter, so
 * bytes travel as they are: no escaping, no hex, half the size.
 */
export const binaryArray = {
  bytea: (values: readonly (Uint8Array | null)[]): Buffer => encode(OID.bytea, values),
  text: (values: readonly (string | null)[]): Buffer =>
    encode(
      OID.text,
      values.map((value) => (value === null ? null : Buffer.from(value))),
    ),
  uuid: (values: readonly string[]): Buffer =>
    encode(
      OID.uuid,
      values.map((value) => Buffer.from(value.replaceAll('-', ''), 'hex')),
    ),
  int8: (values: readonly (bigint | null)[]): Buffer =>
    encode(
      OID.int8,
      values.map((value) => (value === null ? null : int8(value))),
    ),
  int4: (values: readonly number[]): Buffer => encode(OID.int4, values.map(int4)),
};

function encode(elementType: number, values: readonly (Uint8Array | null)[]): Buffer {
  const size = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), values.length === 0 ? 12 : HEADER_SIZE);
  const buffer = Buffer.allocUnsafe(size);
  buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0); // dimensions
  buffer.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  buffer.writeInt32BE(elementType, 8);
  if (values.length === 0) return buffer;
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16); // lower bound
  let at = HEADER_SIZE;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? -1 : value.length, at);
    if (value === null) continue;
    buffer.set(value, at);
    at += value.length;
  }
  return buffer;
}

function int8(value: bigint): Buffer {
  const buffer = Buffer.allocUnsafe(8);
  buffer.writeBigInt64BE(value);
  return buffer;
}

function int4(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeInt32BE(value);
  return buffer;
}
