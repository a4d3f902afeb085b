import { kernelFacts } from "./generated/kernel-facts.ts";
import { MODE_TEXT, modesOf } from "./kernel-modes.ts";
import { checkQuantization, isQuantized } from "./kernel-quantization.ts";
import type { OpDescription, OperandDescription } from "./op-description.ts";
import { opVersion } from "./op-versions.ts";

/** What the CPU kernel of a builtin was seen to run. */
export interface KernelFacts {
  /** The versions that the runtime registers. */
  readonly versions: readonly [min: number, max: number];
  /**
   * Operands and results as type variables, e.g. `T,I:T`; a lower-case name is an element type. `?` marks an optional one,
   * `*` any number. Missing when nothing was measured.
   */
  readonly signature?: string;
  /** Where the rank that matters is: an operand, -1 the highest of all operands, -2 the first result, -3 the second. */
  readonly rank?: number;
  /** Ways in which operands relate, when they matter; see {@link modesOf}. */
  readonly modes?: readonly string[];
  /**
   * Mode, then ranks, then types of the variables in order of appearance: `f32 i8q/i32 i64` is each of the first with each
   * of the second. A trailing `q` means that the tensor is quantized.
   */
  readonly runs?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Operands that must be constants. */
  readonly constants?: readonly number[];
  /** The kernel moves stored values, so that operands and results must be quantized alike. */
  readonly keepsScale?: boolean;
}

/** Whether the stock runtime has a CPU kernel for `builtin`. */
export const hasKernel = (builtin: OpDescription["builtin"]): boolean => kernelFacts[builtin] !== undefined;

/** The highest version of `builtin` that the stock runtime registers, or 0 without a kernel. */
export const newestVersion = (builtin: OpDescription["builtin"]): number => kernelFacts[builtin]?.versions[1] ?? 0;

/**
 * Why the stock runtime's CPU kernel would refuse `op`, or compute something else than the builtin means; `undefined` when
 * neither is known.
 */
export function checkKernel(op: OpDescription): string | undefined {
  const facts = kernelFacts[op.builtin];
  if (!facts) return `the runtime has no CPU kernel for ${op.builtin}`;
  const version = opVersion(op);
  const [oldest, newest] = facts.versions;
  if (version < oldest || version > newest)
    return `${op.builtin} needs version ${version}, the runtime has ${oldest} to ${newest}`;
  return checkMeasured(op, facts) ?? checkConstants(op, facts) ?? checkQuantization(op, facts.keepsScale ?? false);
}

/** The element type as {@link KernelFacts.runs} names it. Quantized 32-bit integers are accumulators, except where facts say `i32q`. */
function typeName(operand: OperandDescription | undefined, facts: KernelFacts): string {
  if (!operand) return "none";
  const quantized =
    isQuantized(operand) || (operand.quantization !== undefined && tokens(facts).has(`${operand.dtype}q`));
  return quantized ? `${operand.dtype}q` : operand.dtype;
}

const tokenCache = new WeakMap<KernelFacts, ReadonlySet<string>>();
function tokens(facts: KernelFacts): ReadonlySet<string> {
  let found = tokenCache.get(facts);
  if (!found) {
    const rows = Object.values(facts.runs ?? {}).flatMap((ranks) => Object.values(ranks).flat());
    found = new Set(rows.flatMap((row) => row.split(/[ /]/)));
    tokenCache.set(facts, found);
  }
  return found;
}

const isLiteral = (term: string): boolean => /^[a-z]/.test(term);

/** Element types of the signature's variables, or what contradicts the signature. */
function assign(op: OpDescription, facts: KernelFacts): Map<string, string> | string {
  const variables = new Map<string, string>();
  const [operands, results] = facts.signature!.split(":").map((side) => (side === "" ? [] : side.split(",")));
  const sides = [
    { what: "operand", terms: operands!, values: op.operands },
    { what: "result", terms: results!, values: op.results },
  ];
  for (const { what, terms, values } of sides) {
    const variadic = terms.at(-1)?.endsWith("*") ?? false;
    const most = variadic ? Number.POSITIVE_INFINITY : terms.length;
    if (values.length > most) return `${op.builtin} takes ${most} ${what}s, not ${values.length}`;
    const count = variadic ? values.length : terms.length;
    for (let i = 0; i < count; i++) {
      const term = terms[Math.min(i, terms.length - 1)]!;
      const name = term.replace(/[?*]$/, "");
      const value = values[i];
      if (!value && !term.endsWith("?")) return `${op.builtin} lacks ${what} ${i}`;
      if (!value && isLiteral(name)) continue;
      const type = typeName(value, facts);
      if (isLiteral(name)) {
        if (type.replace(/q$/, "") !== name) return `${what} ${i} of ${op.builtin} must be ${name}, not ${type}`;
      } else if ((variables.get(name) ?? type) !== type) {
        return `${what} ${i} of ${op.builtin} is ${typeText(type)}, another tensor that must be alike is ${typeText(variables.get(name)!)}`;
      } else variables.set(name, type);
    }
  }
  return variables;
}

const typeText = (type: string): string => (type.endsWith("q") ? `quantized ${type.slice(0, -1)}` : type);

const covers = (ranges: string, rank: number): boolean =>
  ranges.split(",").some((range) => {
    const [low, high] = range.split("-").map(Number);
    return rank >= low! && rank <= (high ?? low!);
  });
const matches = (row: string, types: readonly string[]): boolean =>
  row.split("/").every((choice, i) => choice.split(" ").includes(types[i] ?? ""));

function checkMeasured(op: OpDescription, facts: KernelFacts): string | undefined {
  if (facts.signature === undefined || !facts.runs) return undefined;
  const variables = assign(op, facts);
  if (typeof variables === "string") return variables;
  const types = [...variables.values()];
  const rank = rankOf(op, facts.rank ?? 0);
  for (const mode of modesOf(op, facts.modes ?? ["any"])) {
    const how = mode === "any" ? "" : ` (${MODE_TEXT[mode] ?? mode})`;
    const rows = Object.entries(facts.runs[mode] ?? {});
    const fitting = rows.filter(([, forms]) => forms.some((row) => matches(row, types)));
    if (fitting.some(([ranges]) => covers(ranges, rank))) continue;
    if (fitting.length > 0)
      return `the kernel of ${op.builtin} takes rank ${fitting.map(([r]) => r).join(" or ")} here${how}, not ${rank}`;
    const given = [...variables]
      .map(([name, type]) => (variables.size === 1 ? typeText(type) : `${name} = ${typeText(type)}`))
      .join(", ");
    const known = rows.flatMap(([, forms]) => forms.map((row) => row.replaceAll("/", " with "))).join("; ");
    return `the kernel of ${op.builtin} does not run ${given}${how}; ${known === "" ? "it runs nothing that way" : `it runs ${known}`}`;
  }
  return undefined;
}

function rankOf(op: OpDescription, where: number): number {
  if (where === -1) return Math.max(0, ...op.operands.map((operand) => operand?.shape.length ?? 0));
  return (where < 0 ? op.results[-2 - where] : op.operands[where])?.shape.length ?? 0;
}

function checkConstants(op: OpDescription, facts: KernelFacts): string | undefined {
  const computed = facts.constants?.find((i) => op.operands[i]?.constant === false);
  return computed === undefined ? undefined : `operand ${computed} of ${op.builtin} must be a constant`;
}
