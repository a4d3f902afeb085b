import type { TensorData } from "@tflower/core";
import { parseTensor } from "../compare/tensor-text.ts";
import { parseTolerance, type Tolerance } from "../compare/tolerance.ts";

/**
 * One case of an `.ir` file. A file holds cases between lines `// ==== name`; each has directives, a module, and what passes make of it
 * behind a line `// ----`. A directive of the first case holds for those behind it that do not say otherwise.
 *
 * - `// test: clean-up,fold-constants{maxGrowth=0}`: the passes.
 * - `// run: inputs=random(7) tol=1e-5`: the module computes the same before and after; `s0=3` gives a symbol its value, and
 *   `inputs=given` takes one line `// in: [1.0, nan] : f32[2]` for each input. `// run: none` where nothing can be computed.
 * - `// error: text` behind a line: the passes report an error there that says so. Nothing is expected behind `// ----` then.
 */
export interface FileTestCase {
  readonly name: string;
  /** Directives and module, as written. */
  readonly source: string;
  /** Lines of the file before the case. */
  readonly line: number;
  readonly passes: string;
  readonly run: NumericRun | undefined;
  readonly errors: readonly ExpectedError[];
}

/** How a module is run before and after the passes. */
export interface NumericRun {
  readonly inputs: readonly TensorData[] | { readonly seed: number };
  readonly symbols: ReadonlyMap<string, number>;
  readonly tolerance: Tolerance;
}
export interface ExpectedError {
  /** Line of the file, counted from 1. */
  readonly line: number;
  readonly text: string;
}

const heading = /^\/\/ ==== ?(.*)$/;

/** Reads the cases of a file. Throws a `SyntaxError` that names what is missing. */
export function parseFileTest(text: string): readonly FileTestCase[] {
  const cases: FileTestCase[] = [];
  const lines = text.split("\n");
  let [from, name] = [0, ""];
  const add = (end: number): void => {
    const source = sourceOf(lines.slice(from, end));
    if (source !== "") cases.push(readCase(name, source, from, cases[0]));
  };
  lines.forEach((line, i) => {
    const m = heading.exec(line);
    if (!m) return;
    add(i);
    [from, name] = [i + 1, m[1]!];
  });
  add(lines.length);
  return cases;
}

/** The file's text when the passes make `printed` of its cases; `undefined` for those that are to fail. */
export function fileText(cases: readonly FileTestCase[], printed: readonly (string | undefined)[]): string {
  const part = (c: FileTestCase, i: number): string => {
    const head = c.name || cases.length > 1 ? `// ==== ${c.name}`.trimEnd() + "\n" : "";
    return `${head}${c.source}\n${printed[i] === undefined ? "" : `// ----\n${printed[i].trimEnd()}\n`}`;
  };
  return cases.map(part).join("\n");
}

function sourceOf(lines: readonly string[]): string {
  const end = lines.findIndex((l) => l.trim() === "// ----");
  return (end < 0 ? lines : lines.slice(0, end)).join("\n").trim();
}

function readCase(name: string, source: string, line: number, first: FileTestCase | undefined): FileTestCase {
  const lines = source.split("\n");
  const all = (key: string): string[] =>
    lines.flatMap((l) => (l.startsWith(`// ${key}: `) ? [l.slice(key.length + 5).trim()] : []));
  const passes = all("test")[0] ?? first?.passes;
  if (passes === undefined)
    throw new SyntaxError(`expected a line "// test: passes" above the module${name && ` of "${name}"`}`);
  const run = all("run")[0];
  const errors = lines.flatMap((l, i) => {
    const m = /\S.*\/\/ error: (.*)$/.exec(l);
    return m ? [{ line: line + i + 1, text: m[1]!.trim() }] : [];
  });
  return {
    name,
    source,
    line,
    passes,
    run: run === undefined ? first?.run : run === "none" ? undefined : readRun(run, all("in")),
    errors,
  };
}

function readRun(text: string, given: readonly string[]): NumericRun {
  const words = text.split(/\s+/);
  const inputs = words.find((w) => w.startsWith("inputs=")) ?? "inputs=random(1)";
  const seed = /^inputs=random\((\d+)\)$/.exec(inputs);
  if (!seed && inputs !== "inputs=given")
    throw new SyntaxError(`expected "inputs=random(7)" or "inputs=given", got "${inputs}"`);
  const symbol = /^([us]\d+)=(\d+)$/;
  const symbols = new Map(
    words.flatMap((w) => {
      const m = symbol.exec(w);
      return m ? [[m[1]!, Number(m[2])] as const] : [];
    }),
  );
  const rest = words.filter((w) => !w.startsWith("inputs=") && !symbol.test(w));
  return {
    inputs: seed ? { seed: Number(seed[1]) } : given.map(parseTensor),
    symbols,
    tolerance: rest.length ? parseTolerance(rest) : { ulp: 0 },
  };
}
