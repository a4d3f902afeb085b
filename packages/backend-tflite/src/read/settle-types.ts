import {
  type AnyOperands,
  addDim,
  compatibleType,
  type Dim,
  divideExactly,
  InvalidOp,
  isStatic,
  mulDim,
  type OpDef,
  showType,
  subDim,
  substitute,
  symbolsOf,
  type TensorType,
  tensor,
} from "@tflower/core";
import { FileProblem } from "./file-problem.ts";
import type { FreshSymbols } from "./import-type.ts";

/** Attributes and result types that fit each other, and what the file says of the results. */
export interface Settled {
  readonly attrs: Record<string, unknown>;
  readonly results: readonly TensorType[];
}

interface Problem {
  readonly op: OpDef;
  readonly operands: AnyOperands<TensorType>;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Result types as the file gives them. */
  readonly results: readonly TensorType[];
  /** Symbols in attributes that stand for what the file does not say. */
  readonly unknown: ReadonlySet<string>;
}

/**
 * Finds what the file leaves open from what it says: symbols in attributes from static results, dynamic extents of results from the
 * operands. Throws where operands, options and results contradict each other.
 */
export function settleTypes(p: Problem, symbols: FreshSymbols): Settled {
  if (!p.op.infer) return { attrs: p.attrs as Record<string, unknown>, results: p.results };
  const straight = attempt(p);
  if (!(straight instanceof FileProblem)) return straight;
  // a negative number that does not give the result may be how the format leaves an extent open
  const unknown = new Set(p.unknown);
  const open = (): Dim => {
    const s = symbols.next();
    unknown.add(s.key);
    return s;
  };
  const attrs: Record<string, unknown> = { ...p.attrs };
  for (const name in p.op.traits.tfl!.parameters)
    if (Array.isArray(attrs[name]))
      attrs[name] = (attrs[name] as readonly Dim[]).map((d) => (isStatic(d) && d < 0 ? open() : d));
  if (unknown.size === p.unknown.size) throw straight;
  const again = attempt({ ...p, attrs, unknown });
  if (again instanceof FileProblem) throw straight;
  return again;
}

function attempt(p: Problem): Settled | FileProblem {
  let inferred = infer(p, p.attrs);
  if (inferred instanceof FileProblem) return inferred;
  const found = solve(inferred, p.results, p.unknown);
  let { attrs } = p as { attrs: Record<string, unknown> };
  if (found.size) {
    attrs = Object.fromEntries(
      Object.entries(attrs).map(([k, v]) => [k, k in p.op.traits.tfl!.parameters ? bind(v, found) : v]),
    );
    inferred = infer(p, attrs);
    if (inferred instanceof FileProblem) return inferred;
  }
  if (inferred.length !== p.results.length)
    return new FileProblem(
      "TFL0034",
      `it has ${p.results.length} results, and "${p.op.name}" gives ${inferred.length}`,
    );
  const results: TensorType[] = [];
  for (const [i, have] of p.results.entries()) {
    const want = inferred[i]!;
    if (want.shape.some((d) => isStatic(d) && d < 0))
      return new FileProblem("TFL0034", `result ${i} would be ${showType(want)}`);
    if (!compatibleType(want, have))
      return new FileProblem(
        "TFL0034",
        `result ${i} is ${showType(have)}, and its operands and options give ${showType(want)}`,
      );
    // an extent that the file leaves open is the one that follows, if that is open too
    results.push(
      tensor(
        have.dtype,
        have.shape.map((d, k) => (isStatic(d) || isStatic(want.shape[k]!) ? d : want.shape[k]!)),
        have.quant,
      ),
    );
  }
  return { attrs, results };
}

function infer(
  { op, operands }: Problem,
  attrs: Readonly<Record<string, unknown>>,
): readonly TensorType[] | FileProblem {
  try {
    const types = op.infer!(operands as never, attrs as never) as TensorType | readonly TensorType[];
    return Array.isArray(types) ? (types as readonly TensorType[]) : [types as TensorType];
  } catch (e) {
    if (e instanceof InvalidOp || e instanceof RangeError)
      return new FileProblem("TFL0034", `"${op.name}" ${e.message}`);
    throw e;
  }
}

const bind = (v: unknown, found: ReadonlyMap<string, Dim>): unknown =>
  Array.isArray(v) ? v.map((d: Dim) => substitute(d, (s) => found.get(s))) : substitute(v as Dim, (s) => found.get(s));

/** Unknowns that static extents of results determine. */
function solve(
  inferred: readonly TensorType[],
  results: readonly TensorType[],
  unknown: ReadonlySet<string>,
): Map<string, Dim> {
  const found = new Map<string, Dim>();
  for (const [i, { shape }] of inferred.entries())
    for (const [k, d] of shape.entries()) {
      const wanted = results[i]?.shape[k];
      if (isStatic(d) || wanted === undefined || !isStatic(wanted)) continue;
      const open = [...symbolsOf(d)].filter((s) => unknown.has(s) && !found.has(s));
      if (open.length !== 1) continue;
      const [name] = open as [string];
      // d = coef * unknown + rest, if it is that simple
      const rest = substitute(d, (s) => (s === name ? 0 : found.get(s)));
      const one = subDim(
        substitute(d, (s) => (s === name ? 1 : found.get(s))),
        rest,
      );
      const solution = divideExactly(subDim(wanted, rest), one);
      if (solution === undefined) continue;
      const check = substitute(d, (s) => (s === name ? solution : found.get(s)));
      if (isStatic(check) ? check === wanted : addDim(check, mulDim(wanted, -1)) === 0) found.set(name, solution);
    }
  return found;
}
