import {
  CompileError,
  type Compiler,
  type Diagnostic,
  type Graph,
  type KnownPasses,
  type Module,
  type Pipeline,
  parseModule,
  parsePasses,
  printModule,
  runGraph,
  runPasses,
  showType,
  substitute,
  type TensorData,
  type TensorType,
  tensor,
  userFrame,
} from "@tflower/core";
import { drawTensor } from "../arbitrary/tensors.ts";
import { seeded } from "../choose/seeded.ts";
import { compareTensors } from "../compare/compare-tensors.ts";
import type { FileTestCase, NumericRun } from "./file-test.ts";

/** What file tests run with. */
export interface FileTestOptions extends Partial<KnownPasses> {
  readonly compiler: Compiler;
}

/** The stages of a compiler's pipeline, each under its name. */
export const stagesOf = (compiler: Compiler): Record<keyof Pipeline, () => Pipeline[keyof Pipeline]> => ({
  import: () => compiler.pipeline.import,
  lower: () => compiler.pipeline.lower,
  optimize: () => compiler.pipeline.optimize,
  finish: () => compiler.pipeline.finish,
});

/** Runs one case: the module's text afterwards, or `undefined` when it failed as it should. Throws an `Error` when it did not do as it says. */
export async function runFileTest(c: FileTestCase, file: string, o: FileTestOptions): Promise<string | undefined> {
  const passes = parsePasses(c.passes, { passes: o.passes ?? [], presets: { ...stagesOf(o.compiler), ...o.presets } });
  const read = (): Module => parseModule("\n".repeat(c.line) + c.source, o.compiler.knownOps, { file });
  const problems: Diagnostic[] = [];
  let module: Module | undefined;
  try {
    module = read();
    for (const g of module.graphs) locate(g, c, file);
    await runPasses(module, passes, o.compiler, { verifyEach: true });
  } catch (e) {
    if (!(e instanceof CompileError)) throw e;
    problems.push(...e.diagnostics);
  }
  checkErrors(c, problems);
  if (problems.length || !module) return undefined;
  if (c.run) await checkNumbers(read(), module, c.run);
  return printModule(module);
}

/** Gives nodes the lines they stand on, so that diagnostics name them. */
function locate(graph: Graph, c: FileTestCase, file: string): void {
  const statements = c.source
    .split("\n")
    .flatMap((l, i) =>
      /^\s*(%[^=]*= *)?[a-z_]\w*\.[\w.]+\(/.test(l) ? [{ line: c.line + i + 1, source: l.trim() }] : [],
    );
  const before = graph.module.graphs
    .slice(0, graph.module.graphs.indexOf(graph))
    .reduce((n, g) => n + [...g.nodes].length, 0);
  [...graph.nodes].forEach((node, i) => {
    const at = statements[before + i];
    if (at) node.locations = [{ ...node.locations[0], frames: () => [{ file, ...at }] }];
  });
}

function checkErrors(c: FileTestCase, problems: readonly Diagnostic[]): void {
  const header =
    c.line +
    1 +
    Math.max(
      0,
      c.source.split("\n").findIndex((l) => l.startsWith("graph ")),
    );
  const lineOf = (d: Diagnostic): number => d.frame?.line ?? (d.location && userFrame(d.location)?.line) ?? header;
  const wanted = [...c.errors];
  const surprises = problems.filter((d) => {
    const at = wanted.findIndex((e) => e.line === lineOf(d) && d.message.includes(e.text));
    if (at >= 0) wanted.splice(at, 1);
    return at < 0;
  });
  const lines = [
    ...wanted.map((e) => `line ${e.line}: expected an error that says "${e.text}"`),
    ...surprises.map((d) => `line ${lineOf(d)}: unexpected error: ${d.message}`),
  ];
  if (lines.length) throw new Error(lines.join("\n"));
}

async function checkNumbers(before: Module, after: Module, run: NumericRun): Promise<void> {
  const graph = before.graphs[0]!;
  const inputs = "seed" in run.inputs ? randomInputs(graph, run.inputs.seed, run.symbols) : run.inputs;
  const expected = await runGraph(graph, inputs);
  const got = await runGraph(after.find(graph.name)!, inputs);
  for (const [i, e] of expected.entries()) {
    const d = got[i]
      ? compareTensors(got[i], e, run.tolerance)
      : { message: `is missing, expected ${showType(e.type)}` };
    if (d) throw new Error(`the passes change output ${i} of @${graph.name}: ${d.message}`);
  }
}

/** Finite elements for the inputs of a graph; symbols without a value are 3. */
export function randomInputs(
  graph: Graph,
  seed: number,
  symbols: ReadonlyMap<string, number> = new Map(),
): readonly TensorData[] {
  const choose = seeded(seed);
  const bound = (t: TensorType): TensorType =>
    tensor(
      t.dtype,
      t.shape.map((d) => substitute(d, (s) => symbols.get(s) ?? 3)),
      t.quant,
    );
  return graph.inputs.map((v) => drawTensor(choose, bound(v.type), "finite"));
}
