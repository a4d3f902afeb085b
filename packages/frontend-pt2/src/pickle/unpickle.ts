import { importError, quote, type Where } from "../import-error.ts";
import type { Int } from "../schema/exported-program.ts";
import { applyGlobal, findGlobal, PickleRefusal, storageOf } from "./globals.ts";
import { isKind, type PickleValue } from "./pickle-value.ts";

/** Far above what the tables of tensors in any program need. */
const maxPickleBytes = 64 * 1024 * 1024;
const maxIntBytes = 256;
const maxCopied = 4_000_000;

const mark = Symbol("mark");
type Slot = PickleValue | typeof mark;

/**
 * Reads a pickle of protocols 2 to 5 as `torch.save` writes them, as plain data. Nothing is imported or run: of the
 * functions and classes that a pickle can name, a short list is understood ({@link findGlobal}), all others are refused.
 */
export function unpickle(bytes: Uint8Array, where: Where): PickleValue {
  if (bytes.length > maxPickleBytes)
    throw importError("IMP0007", where, `the pickle has ${bytes.length} bytes; at most ${maxPickleBytes} are read`, "export the program again, with fewer objects in it");
  const machine = new Machine(bytes);
  try {
    return machine.run();
  } catch (error) {
    if (error instanceof PickleRefusal) throw importError(error.code, where, `${error.message} (byte ${machine.at})`, error.help);
    throw error;
  }
}

const malformed = (message: string) =>
  new PickleRefusal("IMP0015", message, "export the program again; torch.save does not write such a pickle");

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: Slot[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #copied = 0;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    if (this.#bytes[0] !== 0x80) throw malformed("expected a pickle of protocol 2 or later, which begins with byte 80");
    for (;;) {
      const op = this.#u8();
      if (op === 0x2e) {
        const result = this.#pop();
        if (this.#stack.length > 0) throw malformed("values are left over at the end of the pickle");
        return result;
      }
      this.#step(op);
    }
  }

  #step(op: number): void {
    switch (op) {
      case 0x80: {
        const protocol = this.#u8();
        if (protocol < 2 || protocol > 5) throw malformed(`the pickle has protocol ${protocol}; 2 to 5 are read`);
        return;
      }
      case 0x95: // FRAME: a hint for buffering
        this.#length(this.#u64());
        return;
      case 0x28:
        this.#stack.push(mark);
        return;
      case 0x30:
        this.#pop();
        return;
      case 0x31:
        this.#popMark();
        return;
      case 0x32: {
        const top = this.#pop();
        this.#stack.push(top, top);
        return;
      }
      case 0x4e:
        return this.#push(null);
      case 0x88:
        return this.#push(true);
      case 0x89:
        return this.#push(false);
      case 0x4a:
        return this.#push(this.#view.getInt32(this.#take(4), true));
      case 0x4b:
        return this.#push(this.#u8());
      case 0x4d:
        return this.#push(this.#view.getUint16(this.#take(2), true));
      case 0x8a:
        return this.#push(this.#long(this.#u8()));
      case 0x8b:
        return this.#push(this.#long(this.#u32()));
      case 0x47:
        return this.#push({ kind: "float", value: this.#view.getFloat64(this.#take(8)) });
      case 0x58:
        return this.#push(this.#text(this.#u32()));
      case 0x8c:
        return this.#push(this.#text(this.#u8()));
      case 0x8d:
        return this.#push(this.#text(this.#u64()));
      case 0x55: // str of Python 2
        return this.#push(this.#text(this.#u8()));
      case 0x54:
        return this.#push(this.#text(this.#u32()));
      case 0x42:
        return this.#push(this.#raw(this.#u32()));
      case 0x43:
        return this.#push(this.#raw(this.#u8()));
      case 0x8e:
      case 0x96:
        return this.#push(this.#raw(this.#u64()));
      case 0x29:
        return this.#push({ kind: "tuple", items: [] });
      case 0x85:
        return this.#push({ kind: "tuple", items: this.#popMany(1) });
      case 0x86:
        return this.#push({ kind: "tuple", items: this.#popMany(2) });
      case 0x87:
        return this.#push({ kind: "tuple", items: this.#popMany(3) });
      case 0x74:
        return this.#push({ kind: "tuple", items: this.#popMark() });
      case 0x5d:
        return this.#push({ kind: "list", items: [] });
      case 0x6c:
        return this.#push({ kind: "list", items: this.#popMark() });
      case 0x8f:
        return this.#push({ kind: "set", items: [] });
      case 0x91:
        return this.#push({ kind: "set", items: this.#popMark() });
      case 0x7d:
        return this.#push({ kind: "dict", entries: [] });
      case 0x64:
        return this.#push({ kind: "dict", entries: pairs(this.#popMark()) });
      case 0x61:
        return this.#extend("list", this.#popMany(1));
      case 0x65:
        return this.#extend("list", this.#popMark());
      case 0x90:
        return this.#extend("set", this.#popMark());
      case 0x73:
        return this.#update(this.#popMany(2));
      case 0x75:
        return this.#update(this.#popMark());
      case 0x71:
        return this.#remember(this.#u8());
      case 0x72:
        return this.#remember(this.#u32());
      case 0x94:
        return this.#remember(this.#memo.size);
      case 0x68:
        return this.#recall(this.#u8());
      case 0x6a:
        return this.#recall(this.#u32());
      case 0x63:
        return this.#push(findGlobal(this.#line(), this.#line()));
      case 0x93: {
        const [module, name] = this.#popMany(2);
        if (typeof module !== "string" || typeof name !== "string") throw malformed("a global is not named by strings");
        return this.#push(findGlobal(module, name));
      }
      case 0x52:
      case 0x81: {
        const [callee, args] = this.#popMany(2);
        return this.#push(applyGlobal(callee!, args!, this.#charge));
      }
      case 0x62: {
        // state: torch adds `_metadata` to a state dict, which means nothing here; no other value has any
        const [target] = this.#popMany(2);
        if (!isKind(target, "dict"))
          throw malformed("the pickle sets the state of something other than an OrderedDict");
        return this.#push(target);
      }
      case 0x51:
        return this.#push(storageOf(this.#pop()));
      default:
        throw malformed(`opcode ${quote(String.fromCharCode(op))} (${op.toString(16)}) is none that torch.save writes`);
    }
  }

  readonly #charge = (items: number): void => {
    this.#copied += items;
    if (this.#copied > maxCopied) throw new PickleRefusal("IMP0007", `the pickle copies more than ${maxCopied} items`, "export the program again; torch.save does not write such a pickle");
  };

  /** Where `length` bytes begin, which are then taken. */
  #take(length: number): number {
    const from = this.at;
    if (length > this.#bytes.length - from) throw malformed("the pickle ends in the middle of a value");
    this.at = from + length;
    return from;
  }

  /** Checks that so many bytes are left. */
  #length(length: number): number {
    if (length > this.#bytes.length - this.at) throw malformed("the pickle ends in the middle of a value");
    return length;
  }

  #u8(): number {
    return this.#bytes[this.#take(1)]!;
  }
  #u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  #u64(): number {
    const from = this.#take(8);
    return this.#view.getUint32(from, true) + this.#view.getUint32(from + 4, true) * 2 ** 32;
  }

  #raw(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  #text(length: number): string {
    // Python keeps lone surrogates, which is no valid UTF-8; nothing here depends on them
    return utf8.decode(this.#raw(length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0) throw malformed("a global is not named by a line of text");
    const text = this.#text(end - this.at);
    this.at++;
    return text;
  }

  /** A little-endian integer in two's complement. */
  #long(length: number): Int {
    if (length > maxIntBytes) throw malformed(`an integer has ${length} bytes`);
    const bytes = this.#raw(length);
    if (length === 0) return 0;
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    if (bytes[length - 1]! & 0x80) value -= 1n << BigInt(8 * length);
    const narrow = Number(value);
    return Number.isSafeInteger(narrow) ? narrow : value;
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const top = this.#stack.pop();
    if (top === undefined || top === mark) throw malformed("a value is missing on the stack");
    return top;
  }

  #popMany(count: number): PickleValue[] {
    const out: PickleValue[] = new Array(count);
    for (let i = count - 1; i >= 0; i--) out[i] = this.#pop();
    return out;
  }

  #popMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw malformed("a mark is missing on the stack");
    const out = this.#stack.splice(at + 1) as PickleValue[];
    this.#stack.pop();
    return out;
  }

  #top(): PickleValue {
    const top = this.#stack.at(-1);
    if (top === undefined || top === mark) throw malformed("a value is missing on the stack");
    return top;
  }

  #extend(kind: "list" | "set", items: readonly PickleValue[]): void {
    const top = this.#top();
    if (!isKind(top, kind)) throw malformed(`items are added to something other than a ${kind}`);
    for (const item of items) top.items.push(item);
  }

  #update(items: readonly PickleValue[]): void {
    const top = this.#top();
    if (!isKind(top, "dict")) throw malformed("items are set in something other than a dict");
    for (const pair of pairs(items)) top.entries.push(pair);
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw malformed(`the pickle refers to value ${index}, which it has not stored`);
    this.#push(value);
  }
}

const utf8 = new TextDecoder();

function pairs(items: readonly PickleValue[]): [PickleValue, PickleValue][] {
  if (items.length % 2 !== 0) throw malformed("a dict has a key without a value");
  const out: [PickleValue, PickleValue][] = [];
  for (let i = 0; i < items.length; i += 2) out.push([items[i]!, items[i + 1]!]);
  return out;
}
