import { builder } from "flatbuffers/js/flexbuffers.js";

/** A FlexBuffer map with the given entries, keys sorted as the format asks. Holds numbers, bigints, booleans, strings and lists of them. */
export function packFlexMap(entries: Readonly<Record<string, unknown>>): Uint8Array {
  const b = builder();
  b.startMap();
  for (const key of Object.keys(entries).sort()) {
    b.addKey(key);
    add(b, entries[key], key);
  }
  b.end();
  return b.finish().slice();
}

function add(b: ReturnType<typeof builder>, value: unknown, key: string): void {
  if (typeof value === "boolean" || typeof value === "string") b.add(value);
  else if (typeof value === "bigint") b.addInt(Number(value));
  else if (typeof value === "number") {
    if (Number.isInteger(value)) b.addInt(value);
    else b.addFloat(value);
  } else if (Array.isArray(value)) {
    b.startVector();
    for (const x of value) add(b, x, key);
    b.end();
  } else throw new TypeError(`option "${key}" is ${String(value)}; a FlexBuffer of custom options holds numbers, booleans, strings and lists of them`);
}
