import { type CompileError, loadConstant, runGraph, runPasses, type Settings, tensorData } from "@tflower/core";
import { importProgram } from "@tflower/frontend-pt2";
import { type LiteRtModel, loadModel } from "@tflower/runtime-litert";
import { describe, expect, test } from "vitest";
import { compileProgram } from "../src/compile.ts";
import { createCompiler } from "../src/create-compiler.ts";
import { Model } from "../src/model.ts";
import { asInFile, type Call, expected, type PlainTensor, program, toPlain, toRuntime } from "./programs.ts";

const all = Object.entries(expected).flatMap(([name, { calls }]) => (calls ? [[name, calls] as const] : []));
const isDynamic = ([name]: readonly [string, unknown]): boolean => name.startsWith("dynamic-");
const accepted = all.filter((c) => !isDynamic(c));
const refused = Object.entries(expected).flatMap(([name, { refused }]) => (refused ? [[name, refused] as const] : []));

async function withModel(
  name: string,
  settings: Partial<Settings>,
  use: (model: LiteRtModel) => Promise<void>,
): Promise<void> {
  const module = await compileProgram(await program(name), createCompiler(settings), { verifyEach: true });
  const model = await loadModel(await new Model(module, []).bytes());
  try {
    await use(model);
  } finally {
    model.dispose();
  }
}
// 0 and -0 are equal to PyTorch
const plain = (ts: readonly PlainTensor[]): PlainTensor[] => ts.map((t) => ({ ...t, data: t.data.map((v) => v + 0) }));
const results = async (model: LiteRtModel, call: Call, more: readonly PlainTensor[] = []): Promise<PlainTensor[]> =>
  plain((await model.run([...call.in, ...more].map(toRuntime))).map(toPlain));

describe("as variables of the file, call after call", () => {
  test.each(accepted)("%s", async (name, calls) => {
    await withModel(name, {}, async (model) => {
      for (const call of calls) expect(await results(model, call)).toEqual(plain(call.out.map(asInFile)));
    });
  });
});

describe("as inputs and outputs, mutated inputs too", () => {
  test.each(
    accepted.filter(([, calls]) => calls.some((c) => Object.keys(c.state).length + Object.keys(c.mutated).length > 0)),
  )("%s", async (name, calls) => {
    await withModel(name, { state: "io", mutatedInputs: "outputs" }, async (model) => {
      const [signature] = model.signatures;
      const ours = signature!.inputs.slice(calls[0]!.in.length).map((p) => p.name);
      expect(ours).toEqual(ours.filter((n) => n.startsWith("state.")));
      expect(new Set(ours.map((n) => n.slice("state.".length)))).toEqual(new Set(Object.keys(calls[0]!.state)));
      const program = signature!.inputs.slice(0, calls[0]!.in.length);
      let state = await initial(name, ours);
      for (const call of calls) {
        const got = await results(model, call, state);
        expect(got.slice(0, call.out.length)).toEqual(plain(call.out.map(asInFile)));
        const named = Object.fromEntries(signature!.outputs.map((p, i) => [p.name, got[i]!]));
        for (const [fqn, t] of Object.entries(call.state))
          expect({ [fqn]: named[`state.${fqn}`] }).toEqual({ [fqn]: plain([asInFile(t)])[0] });
        for (const [i, t] of Object.entries(call.mutated))
          expect({ [i]: named[`mut.${program[Number(i)]!.name}`] }).toEqual({ [i]: plain([asInFile(t)])[0] });
        state = ours.map((n) => named[n]!);
      }
    });
  });
});

/** What the program's state is before the first call. */
async function initial(name: string, labels: readonly string[]): Promise<PlainTensor[]> {
  const compiler = createCompiler();
  const module = await runPasses(
    await importProgram(await program(name), compiler),
    compiler.pipeline.import,
    compiler,
  );
  const { states } = module.graphs[0]!;
  return Promise.all(
    labels.map(async (label) => {
      const { type, data } = await loadConstant(states.find((s) => `state.${s.name}` === label)!.initial);
      return { dtype: type.dtype, shape: type.shape, data: Array.from(data as Float32Array, Number) };
    }),
  );
}

// LiteRT's WebAssembly build gives out no tensor whose extent depends on a slice with computed ends; the native one does
describe("with dynamic shapes, by the reference semantics of what is written", () => {
  test.each(all.filter(isDynamic))("%s", async (name, calls) => {
    const module = await compileProgram(await program(name), createCompiler(), { verifyEach: true });
    for (const call of calls) {
      const inputs = call.in.map((t) => tensorData(t.dtype, t.shape, t.data));
      const got = await runGraph(module.graphs[0]!, inputs);
      expect(
        plain(
          got.map((t) => ({
            dtype: t.type.dtype,
            shape: t.type.shape,
            data: Array.from(t.data as Float32Array, Number),
          })),
        ),
      ).toEqual(plain(call.out.map(asInFile)));
    }
  });
});

test("what a program writes into its inputs is dropped with a warning, unless it is asked for", async () => {
  const said: string[] = [];
  await compileProgram(await program("input"), createCompiler(), {
    report: (d) => said.push(`${d.severity} ${d.code}`),
  });
  expect(said).toEqual(["warning TFL0020"]);
  said.length = 0;
  await compileProgram(await program("input"), createCompiler({ mutatedInputs: "outputs" }), {
    report: (d) => said.push(d.code),
  });
  expect(said).toEqual([]);
});

test("a program that writes nothing in place has no state", async () => {
  const module = await compileProgram(await program("read-only"), createCompiler());
  expect(module.graphs.map((g) => g.name)).toEqual(["main"]);
});

describe("refused", () => {
  test.each(refused)("%s: %s", async (name, code) => {
    const found = await compileProgram(await program(name), createCompiler()).then(
      () => [],
      (e: CompileError) => e.diagnostics,
    );
    expect(found.map((d) => d.code)).toContain(code);
    const d = found.find((x) => x.code === code)!;
    expect(d.op).toMatch(/^aten\./);
    expect(d.help ?? "").not.toBe("");
    expect(d.location?.frames?.().at(-1)?.file).toMatch(/make_programs\.py$/);
  });
});
