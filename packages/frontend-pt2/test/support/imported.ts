import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  CompileError,
  Compiler,
  type Diagnostic,
  type Graph,
  inlineGraphs,
  type Module,
  memorySource,
  printGraph,
  runGraph,
  runPasses,
  type Settings,
  type TensorData,
  tensorData,
  verifyModule,
} from "@tflower/core";
import { atenPlugin, functionalize } from "@tflower/ops-aten";
import { importProgram } from "../../src/import/import-program.ts";
import type { Pt2Program } from "../../src/program.ts";
import { readPt2 } from "../../src/read-pt2.ts";

const folder = new URL("../fixtures/", import.meta.url);
const archive = new Uint8Array(gunzipSync(readFileSync(new URL("imports.pt2.gz", folder))));

interface Plain {
  readonly dtype: TensorData["type"]["dtype"];
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
/** What PyTorch computes, by program. */
export const expected = JSON.parse(readFileSync(new URL("imports.json", folder), "utf8")) as Readonly<
  Record<string, { readonly in: readonly Plain[]; readonly out: readonly Plain[] }>
>;
export const toData = (t: Plain): TensorData => tensorData(t.dtype, t.shape, t.data);

/** A program of make_imports.py. */
export const program = (name: string): Promise<Pt2Program> =>
  readPt2(memorySource("imports.pt2", archive), { model: name });
/** Names of all of them. */
export const programs: readonly string[] = [
  ...new Set(
    [...new TextDecoder("latin1").decode(archive).matchAll(/imports\/models\/([\w-]+)\.json/g)].map((m) => m[1]!),
  ),
];

export interface Imported {
  readonly module: Module;
  readonly graph: Graph;
  /** The main graph without locations. */
  readonly text: string;
  readonly said: readonly Diagnostic[];
}
export const newCompiler = (settings: Partial<Settings> = {}): Compiler => new Compiler(settings).use(atenPlugin());

/** Imports a program, and checks that the result is well-formed. Throws what the importer throws. */
export async function imported(from: string | Pt2Program, compiler: Compiler = newCompiler()): Promise<Imported> {
  const said: Diagnostic[] = [];
  const p = typeof from === "string" ? await program(from) : from;
  const module = await importProgram(p, compiler, { report: (d) => said.push(d) });
  const problems = verifyModule(module);
  if (problems.length) throw new Error(problems.map((d) => d.message).join("\n"));
  const graph = module.find("main")!;
  return { module, graph, text: printGraph(graph, { locations: false }), said };
}

/** What the importer says about a program that it refuses. */
export async function refused(
  from: string | Pt2Program,
  compiler: Compiler = newCompiler(),
): Promise<readonly Diagnostic[]> {
  try {
    await imported(from, compiler);
  } catch (e) {
    if (e instanceof CompileError) return e.diagnostics;
    throw e;
  }
  return [];
}

/** Runs a program of make_imports.py by reference semantics, made functional. */
export async function computed(name: string): Promise<readonly TensorData[]> {
  const compiler = newCompiler();
  const { module, graph } = await imported(name, compiler);
  await runPasses(module, [inlineGraphs(), functionalize()], compiler);
  return runGraph(graph, expected[name]!.in.map(toData));
}
