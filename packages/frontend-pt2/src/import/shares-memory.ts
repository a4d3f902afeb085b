import { type Dim, type SymbolRange, substitute, symbolsOf } from "@tflower/core";
import type { SymSize, TensorMeta } from "../schema/exported-program.ts";
import { toDim } from "./to-dim.ts";

/** Whether a view that may copy has done so; `unknown` where that depends on what the program is given. */
export type Sharing = "view" | "copy" | "unknown";

/**
 * What an op that views its operand in another shape, or copies it where strides demand that, has done: the strides that the program
 * states for both tell. Symbolic extents are tried out at several values, which agree unless the answer depends on them.
 */
export function sharesMemory(before: TensorMeta, after: TensorMeta, rangeOf: (symbol: string) => SymbolRange): Sharing {
  if (before.device.type !== after.device.type || before.device.index !== after.device.index) return "copy";
  let dims: { readonly before: Geometry<Dim>; readonly after: Geometry<Dim> };
  try {
    dims = { before: geometryOf(before, toDim), after: geometryOf(after, toDim) };
  } catch {
    return "unknown";
  }
  const symbols = new Set<string>();
  for (const d of [...Object.values(dims.before).flat(), ...Object.values(dims.after).flat()]) symbolsOf(d, symbols);
  const answers = new Set(
    samples([...symbols], rangeOf).map((at) => sharingAt(valuesAt(dims.before, at), valuesAt(dims.after, at))),
  );
  return answers.size === 1 ? [...answers][0]! : "unknown";
}

interface Geometry<T> {
  readonly sizes: readonly T[];
  readonly strides: readonly T[];
}
const geometryOf = <T>(meta: TensorMeta, f: (s: SymSize) => T): Geometry<T> => ({
  sizes: meta.sizes.map(f),
  strides: meta.strides.map(f),
});

type Assignment = ReadonlyMap<string, number>;
const valuesAt = (g: Geometry<Dim>, at: Assignment): Geometry<number> | undefined => {
  const value = (d: Dim): Dim => substitute(d, (s) => at.get(s));
  const [sizes, strides] = [g.sizes.map(value), g.strides.map(value)];
  const known =
    [...sizes, ...strides].every(Number.isSafeInteger) &&
    Number.isSafeInteger((sizes as number[]).reduce((a, b) => a * b, 1));
  return known ? { sizes: sizes as number[], strides: strides as number[] } : undefined;
};

/** Multiples of 60 divide as sizes that are halved or cut in pieces do; unlike primes keep one size from passing for another. */
const primes = [7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47] as const;
function samples(symbols: readonly string[], rangeOf: (symbol: string) => SymbolRange): Assignment[] {
  if (symbols.length === 0) return [new Map()];
  const spread = (from: number): Assignment =>
    new Map(symbols.map((s, i) => [s, 60 * primes[(i + from) % primes.length]!]));
  const out = [spread(0), spread(5)];
  // an axis of one element has any stride
  for (const s of symbols) if (rangeOf(s).min <= 1) out.push(new Map([...spread(0), [s, 1]]));
  return out;
}

function sharingAt(before: Geometry<number> | undefined, after: Geometry<number> | undefined): Sharing {
  if (!before || !after) return "unknown";
  if (after.sizes.includes(0)) return "view"; // nothing to share
  const expected = viewStrides(before.sizes, before.strides, after.sizes);
  const matter = (strides: readonly number[]): boolean =>
    strides.every((s, i) => after.sizes[i]! === 1 || s === after.strides[i]);
  if (expected && matter(expected)) return "view";
  // a copy of what could have been viewed was asked for other strides
  return "copy";
}

/** Strides of a view of another shape, or `undefined` where only a copy will do: axes may merge only where they lie next to each other. */
export function viewStrides(
  sizes: readonly number[],
  strides: readonly number[],
  wanted: readonly number[],
): readonly number[] | undefined {
  const out = new Array<number>(wanted.length).fill(1);
  let w = wanted.length - 1;
  let chunk = 1;
  let base = strides.at(-1) ?? 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    chunk *= sizes[d]!;
    if (d > 0 && (sizes[d - 1] === 1 || strides[d - 1] === chunk * base)) continue;
    let view = 1;
    while (w >= 0 && (view < chunk || wanted[w] === 1)) {
      out[w] = view * base;
      view *= wanted[w]!;
      w--;
    }
    if (view !== chunk) return undefined;
    if (d > 0) {
      chunk = 1;
      base = strides[d - 1]!;
    }
  }
  return w < 0 || sizes.length === 0 ? out : undefined;
}
