import type { Int } from "../schema/exported-program.ts";
import { malformed } from "./pickle-refusal.ts";

const maxIntBytes = 256;
const utf8 = new TextDecoder();

/** The bytes of a pickle, taken from front to back. */
export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** How many bytes have been taken. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where `length` bytes begin, which are then taken. */
  #take(length: number): number {
    const from = this.at;
    this.need(length);
    this.at = from + length;
    return from;
  }

  /** Checks that so many bytes are left. */
  need(length: number): void {
    if (length > this.#bytes.length - this.at) throw malformed("the pickle ends in the middle of a value");
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }
  u64(): number {
    const low = this.u32();
    return low + this.u32() * 2 ** 32;
  }
  /** Floats are the one thing that pickles write big-endian. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  raw(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** Python keeps lone surrogates, which are no valid UTF-8; nothing here depends on them. */
  text(length: number): string {
    return utf8.decode(this.raw(length));
  }

  /** Text up to the next line break, which is taken too. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0) throw malformed("a name in the pickle does not end");
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  /** A little-endian integer in two's complement. */
  long(length: number): Int {
    if (length > maxIntBytes) throw malformed(`an integer has ${length} bytes`);
    const bytes = this.raw(length);
    if (length === 0) return 0;
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    if (bytes[length - 1]! & 0x80) value -= 1n << BigInt(8 * length);
    const narrow = Number(value);
    return Number.isSafeInteger(narrow) ? narrow : value;
  }
}
