import { importError, quote, type Where } from "../import-error.ts";
import type { Int } from "./exported-program.ts";
import { isProtected, unprotect } from "./parse-json.ts";

/** An object of JSON, with members not looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Turns a JSON value into typed data, or fails through the cursor. */
export type Decode<T> = (at: JsonCursor, value: unknown) => T;

/** Sub-graphs and dictionaries nest; Python programs do so a few levels deep. */
const maxDepth = 100;

/**
 * Reads parsed JSON and knows where it stands, so that an error names the path and what was expected there.
 * The first error ends the reading: the path is not put right after it.
 */
export class JsonCursor {
  readonly #where: Where;
  readonly #path: (string | number)[] = [];
  #depth = 0;

  constructor(where: Where) {
    this.#where = where;
  }

  /** The entry and the path within it, such as `models/model.json: $.graph_module.graph.nodes[3]`. */
  get where(): Where {
    const path = this.#path
      .map((k) => (typeof k === "number" ? `[${k}]` : /^\w+$/.test(k) ? `.${k}` : `[${quote(k)}]`))
      .join("");
    return { ...this.#where, part: `${this.#where.part ?? ""}: $${path}` };
  }

  /** The error that `value` is not `expected`. */
  mismatch(expected: string, value: unknown) {
    return importError("IMP0011", this.where, `expected ${expected}, got ${describe(value)}`, exportAgain);
  }

  object(value: unknown): JsonObject {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
    throw this.mismatch("an object", value);
  }

  /** Member `key`, which must be there. */
  get<T>(object: JsonObject, key: string, decode: Decode<T>): T {
    this.#path.push(key);
    if (!Object.hasOwn(object, key)) throw importError("IMP0011", this.where, "this member is missing", exportAgain);
    const result = decode(this, object[key]);
    this.#path.pop();
    return result;
  }

  /** Member `key`, or `otherwise` where it is missing or null: schemas of the same major version add members. */
  getOr<T, U>(object: JsonObject, key: string, decode: Decode<T>, otherwise: U): T | U {
    if (!Object.hasOwn(object, key) || object[key] === null) return otherwise;
    this.#path.push(key);
    const result = decode(this, object[key]);
    this.#path.pop();
    return result;
  }

  list<T>(value: unknown, decode: Decode<T>): T[] {
    if (!Array.isArray(value)) throw this.mismatch("a list", value);
    const out: T[] = new Array(value.length);
    for (let i = 0; i < value.length; i++) {
      this.#path.push(i);
      out[i] = decode(this, value[i]);
      this.#path.pop();
    }
    return out;
  }

  map<T>(value: unknown, decode: Decode<T>): Map<string, T> {
    const object = this.object(value);
    const out = new Map<string, T>();
    for (const key of Object.keys(object)) {
      this.#path.push(key);
      out.set(key, decode(this, object[key]));
      this.#path.pop();
    }
    return out;
  }

  /** An object with one member, which says what it holds. */
  union<T>(value: unknown, what: string, decode: (at: JsonCursor, tag: string, value: unknown) => T): T {
    const object = this.object(value);
    let tag: string | undefined;
    for (const key in object) {
      if (tag !== undefined) throw this.mismatch(`an object with one member (${what})`, value);
      tag = key;
    }
    if (tag === undefined) throw this.mismatch(`an object with one member (${what})`, value);
    this.#path.push(tag);
    const result = decode(this, tag, object[tag]);
    this.#path.pop();
    return result;
  }

  /** Guards recursion: `decode` may come back here. */
  nested<T>(decode: () => T): T {
    if (++this.#depth > maxDepth)
      throw importError(
        "IMP0007",
        this.where,
        `graphs or dictionaries are nested more than ${maxDepth} deep`,
        "export a flatter program",
      );
    const result = decode();
    this.#depth--;
    return result;
  }

  /** The error that a newer exporter wrote something unknown. */
  unknown(what: string, name: string) {
    return importError(
      "IMP0013",
      this.where,
      `${what} ${quote(name)} is not known`,
      "the program comes from a newer version of torch: update tflower, or export with torch 2.13",
    );
  }

  string(value: unknown): string {
    if (typeof value === "string" && !isProtected(value)) return value;
    throw this.mismatch("a string", value);
  }

  boolean(value: unknown): boolean {
    if (typeof value === "boolean") return value;
    throw this.mismatch("true or false", value);
  }

  /** Any 64-bit integer, exact. */
  int(value: unknown): Int {
    // -0 becomes 0
    if (typeof value === "number" && Number.isSafeInteger(value)) return value + 0;
    if (typeof value === "string" && isProtected(value) && value.length < 40) {
      const digits = unprotect(value);
      if (/^-?\d+$/.test(digits)) {
        const exact = BigInt(digits);
        if (BigInt.asIntN(64, exact) === exact || BigInt.asUintN(64, exact) === exact) return exact;
      }
    }
    throw this.mismatch("a 64-bit integer", value);
  }

  /** An integer that counts or measures something in memory. */
  size(value: unknown): number {
    if (typeof value === "number" && Number.isSafeInteger(value)) return value + 0;
    throw this.mismatch("an integer below 2^53", value);
  }

  /** A float; infinities and NaN are written as words. */
  float(value: unknown): number {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value === "string") {
      const word = isProtected(value) ? unprotect(value) : value;
      if (word === "Infinity") return Infinity;
      if (word === "-Infinity") return -Infinity;
      if (word === "NaN") return NaN;
      if (isProtected(value) && /^-?\d+$/.test(word)) return Number(word);
    }
    throw this.mismatch("a float", value);
  }
}

export const asString: Decode<string> = (at, value) => at.string(value);
export const asBoolean: Decode<boolean> = (at, value) => at.boolean(value);
export const asInt: Decode<Int> = (at, value) => at.int(value);
export const asSize: Decode<number> = (at, value) => at.size(value);
export const asFloat: Decode<number> = (at, value) => at.float(value);
export const asStrings: Decode<string[]> = (at, value) => at.list(value, asString);

const exportAgain = "export the program again; torch.export.save does not write this";

function describe(value: unknown): string {
  if (typeof value === "string")
    return isProtected(value)
      ? `the number ${unprotect(value).slice(0, 40)}`
      : `the string ${quote(value.slice(0, 60))}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value);
    return keys.length === 0
      ? "an empty object"
      : `an object with ${keys
          .slice(0, 5)
          .map((k) => quote(k.slice(0, 40)))
          .join(", ")}${keys.length > 5 ? ", ..." : ""}`;
  }
  return String(value);
}
