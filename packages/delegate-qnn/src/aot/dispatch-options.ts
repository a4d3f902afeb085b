/** What one `DISPATCH_OP` says about the byte code behind the file that it runs. */
export interface DispatchOptions {
  /** Name of the graph inside the byte code. */
  readonly name: string;
  /** Where the byte code begins, from the start of the file. */
  readonly offset: number;
  readonly size: number;
}

const keys = ["bytecode_size", "bytecode_offset", "name"] as const;
const UINT = 2;
const STRING = 5;
const MAP = 9;
/** Every number takes eight bytes, whatever it is, so that it can be written over when it is known. */
const width = 8;
const log2Width = 3;

/**
 * A FlexBuffer map as LiteRT's compiler writes it, byte for byte: keys, the name, and then numbers of 64 bits. Readers take any
 * FlexBuffer; writers that put numbers in later rely on the fixed width.
 */
export function packDispatchOptions({ name, offset, size }: DispatchOptions): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder();
  const utf8 = text.encode(name);
  if (utf8.length > 255) throw new RangeError(`the name of a graph has ${utf8.length} bytes; up to 255 can be written`);
  const starts = new Map<string, number>();
  let at = 0;
  for (const k of keys) {
    starts.set(k, at);
    at += k.length + 1;
  }
  const nameAt = at + 1;
  at = Math.ceil((nameAt + utf8.length + 1) / width) * width;
  const keysAt = at + width;
  const valuesAt = keysAt + keys.length * width + 3 * width;
  const typesAt = valuesAt + keys.length * width;
  const bytes = new Uint8Array(typesAt + keys.length + 3);
  const view = new DataView(bytes.buffer);
  const number = (where: number, n: number): void => view.setBigUint64(where, BigInt(n), true);
  for (const [k, start] of starts) bytes.set(text.encode(k), start);
  bytes[nameAt - 1] = utf8.length;
  bytes.set(utf8, nameAt);
  number(at, keys.length);
  const sorted = [...keys].sort();
  for (const [i, k] of sorted.entries()) number(keysAt + i * width, keysAt + i * width - starts.get(k)!);
  // the map: where its keys are, how wide they are, how many
  const head = keysAt + keys.length * width;
  number(head, head - keysAt);
  number(head + width, width);
  number(head + 2 * width, keys.length);
  number(valuesAt, offset);
  number(valuesAt + width, size);
  number(valuesAt + 2 * width, valuesAt + 2 * width - nameAt);
  bytes[typesAt] = (UINT << 2) | log2Width;
  bytes[typesAt + 1] = (UINT << 2) | log2Width;
  bytes[typesAt + 2] = STRING << 2;
  bytes[typesAt + 3] = typesAt + 3 - valuesAt;
  bytes[typesAt + 4] = (MAP << 2) | log2Width;
  bytes[typesAt + 5] = 1;
  return bytes;
}
