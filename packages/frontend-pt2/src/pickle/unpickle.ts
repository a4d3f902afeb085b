import { importError, quote, type Where } from "../import-error.ts";
import { applyGlobal, findGlobal, storageOf } from "./globals.ts";
import { PickleBytes } from "./pickle-bytes.ts";
import { malformed, PickleRefusal } from "./pickle-refusal.ts";
import { isKind, type PickleValue } from "./pickle-value.ts";

/** Far above what the tables of tensors in any program need. */
const maxPickleBytes = 64 * 1024 * 1024;
const maxCopied = 4_000_000;

const mark = Symbol("mark");

/**
 * Reads a pickle of protocols 2 to 5 as `torch.save` writes them, as plain data. Nothing is imported or run: of the
 * functions and classes that a pickle can name, a short list is understood ({@link findGlobal}), all others are refused.
 */
export function unpickle(bytes: Uint8Array, where: Where): PickleValue {
  if (bytes.length > maxPickleBytes)
    throw importError(
      "IMP0007",
      where,
      `the pickle has ${bytes.length} bytes; at most ${maxPickleBytes} are read`,
      "export the program again, with fewer objects in it",
    );
  const source = new PickleBytes(bytes);
  try {
    if (bytes[0] !== 0x80) throw malformed("expected a pickle of protocol 2 or later, which begins with byte 80");
    return new Machine(source).run();
  } catch (error) {
    if (!(error instanceof PickleRefusal)) throw error;
    throw importError(error.code, where, `${error.message} (byte ${source.at})`, error.help);
  }
}

/** The stack machine that a pickle is a program for. Opcodes are named in comments as Python's pickletools names them. */
class Machine {
  readonly #source: PickleBytes;
  readonly #stack: (PickleValue | typeof mark)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #copied = 0;

  constructor(source: PickleBytes) {
    this.#source = source;
  }

  run(): PickleValue {
    for (;;) {
      const op = this.#source.u8();
      if (op === 0x2e) {
        const result = this.#pop();
        if (this.#stack.length > 0) throw malformed("values are left over at the end of the pickle");
        return result;
      }
      const value = this.#valueOf(op);
      if (value === undefined) this.#act(op);
      else this.#stack.push(value);
    }
  }

  /** What an opcode pushes; undefined for those that do something else. */
  #valueOf(op: number): PickleValue | undefined {
    const from = this.#source;
    switch (op) {
      case 0x4e: // NONE
        return null;
      case 0x88: // NEWTRUE
        return true;
      case 0x89: // NEWFALSE
        return false;
      case 0x4a: // BININT
        return from.i32();
      case 0x4b: // BININT1
        return from.u8();
      case 0x4d: // BININT2
        return from.u16();
      case 0x8a: // LONG1
        return from.long(from.u8());
      case 0x8b: // LONG4
        return from.long(from.u32());
      case 0x47: // BINFLOAT
        return { kind: "float", value: from.f64() };
      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING, the str of Python 2
        return from.text(from.u8());
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
        return from.text(from.u32());
      case 0x8d: // BINUNICODE8
        return from.text(from.u64());
      case 0x43: // SHORT_BINBYTES
        return from.raw(from.u8());
      case 0x42: // BINBYTES
        return from.raw(from.u32());
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return from.raw(from.u64());
      case 0x29: // EMPTY_TUPLE
        return { kind: "tuple", items: [] };
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return { kind: "tuple", items: this.#popMany(op - 0x84) };
      case 0x74: // TUPLE
        return { kind: "tuple", items: this.#popMark() };
      case 0x5d: // EMPTY_LIST
        return { kind: "list", items: [] };
      case 0x6c: // LIST
        return { kind: "list", items: this.#popMark() };
      case 0x8f: // EMPTY_SET
        return { kind: "set", items: [] };
      case 0x91: // FROZENSET
        return { kind: "set", items: this.#popMark() };
      case 0x7d: // EMPTY_DICT
        return { kind: "dict", entries: [] };
      case 0x64: // DICT
        return { kind: "dict", entries: pairs(this.#popMark()) };
      case 0x32: // DUP
        return this.#top();
      case 0x68: // BINGET
        return this.#recall(from.u8());
      case 0x6a: // LONG_BINGET
        return this.#recall(from.u32());
      case 0x63: // GLOBAL
        return findGlobal(from.line(), from.line());
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popMany(2);
        if (typeof module !== "string" || typeof name !== "string") throw malformed("a global is not named by strings");
        return findGlobal(module, name);
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callee, args] = this.#popMany(2);
        return applyGlobal(callee!, args!, this.#charge);
      }
      case 0x51: // BINPERSID
        return storageOf(this.#pop());
      default:
        return undefined;
    }
  }

  #act(op: number): void {
    const from = this.#source;
    switch (op) {
      case 0x80: {
        // PROTO
        const protocol = from.u8();
        if (protocol < 2 || protocol > 5) throw malformed(`the pickle has protocol ${protocol}; 2 to 5 are read`);
        return;
      }
      case 0x95: // FRAME, a hint for buffering
        from.need(from.u64());
        return;
      case 0x28: // MARK
        this.#stack.push(mark);
        return;
      case 0x30: // POP
        this.#pop();
        return;
      case 0x31: // POP_MARK
        this.#popMark();
        return;
      case 0x61: // APPEND
        this.#extend("list", this.#popMany(1));
        return;
      case 0x65: // APPENDS
        this.#extend("list", this.#popMark());
        return;
      case 0x90: // ADDITEMS
        this.#extend("set", this.#popMark());
        return;
      case 0x73: // SETITEM
        this.#update(this.#popMany(2));
        return;
      case 0x75: // SETITEMS
        this.#update(this.#popMark());
        return;
      case 0x71: // BINPUT
        this.#memo.set(from.u8(), this.#top());
        return;
      case 0x72: // LONG_BINPUT
        this.#memo.set(from.u32(), this.#top());
        return;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 0x62: // BUILD
        // torch adds `_metadata` to a state dict, which means nothing here; objects are but names
        this.#pop();
        if (!isKind(this.#top(), "dict") && !isKind(this.#top(), "object"))
          throw malformed("the pickle sets the state of something other than an OrderedDict");
        return;
      default:
        throw malformed(`opcode ${quote(String.fromCharCode(op))} (${op.toString(16)}) is none that torch.save writes`);
    }
  }

  readonly #charge = (items: number): void => {
    this.#copied += items;
    if (this.#copied > maxCopied)
      throw new PickleRefusal(
        "IMP0007",
        `the pickle copies more than ${maxCopied} items`,
        "export the program again; torch.save does not write such a pickle",
      );
  };

  #pop(): PickleValue {
    const top = this.#top();
    this.#stack.pop();
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

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw malformed(`the pickle refers to value ${index}, which it has not stored`);
    return value;
  }
}

function pairs(items: readonly PickleValue[]): [PickleValue, PickleValue][] {
  if (items.length % 2 !== 0) throw malformed("a dict has a key without a value");
  const out: [PickleValue, PickleValue][] = [];
  for (let i = 0; i < items.length; i += 2) out.push([items[i]!, items[i + 1]!]);
  return out;
}
