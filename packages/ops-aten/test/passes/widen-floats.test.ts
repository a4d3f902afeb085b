import { tflitePlugin } from "@tflower/backend-tflite";
import { Compiler, type Diagnostic, parseModule, runGraph, runPasses, type Settings, tensorData } from "@tflower/core";
import { expect, test } from "vitest";
import { atenPlugin } from "../../src/index.ts";
import { widenFloats } from "../../src/passes/widen-floats.ts";

async function widened(text: string, settings: Partial<Settings> = {}) {
  const compiler = new Compiler(settings).use(tflitePlugin(), atenPlugin());
  const module = parseModule(`signature "serving_default" = @main\n${text}`, compiler.knownOps);
  const said: Diagnostic[] = [];
  compiler.hooks.diagnostic.tap("test", (d) => void said.push(d));
  await runPasses(module, [widenFloats()], compiler);
  const graph = module.find("main")!;
  const types = (values: readonly { type: { dtype: string } }[]) => values.map((v) => v.type.dtype).join(" ");
  return { graph, said, interface: `${types(graph.inputs)} -> ${types(graph.outputs)}` };
}
const program = `graph @main(%x: f16[2], %n: i32[2], %y: bf16[2]) {
  %w = const [0.5, 2.0] : f16[2]
  %0 = aten.mul.Tensor(%x, %w) : f16[2]
  return %0, %n, %y
}`;

test("half precision is computed in float32, and the interface is float32", async () => {
  const { graph, said, ...seen } = await widened(program);
  expect(seen.interface).toBe("f32 i32 f32 -> f32 i32 f32");
  expect([...graph.nodes].map((n) => n.results[0]!.type.dtype)).toEqual(["f32"]);
  expect(said.map((d) => `${d.code} ${d.message}`)).toEqual([
    expect.stringMatching(/^FLT0001 input "x" \(f16\[2\]\), input "y" \(bf16\[2\]\), output .*float32 in the file/),
  ]);
});

test("with float16Io, float16 inputs and outputs stay so, and what is between is float32", async () => {
  const { graph, said, ...seen } = await widened(program, { float16Io: true });
  expect(seen.interface).toBe("f16 i32 f32 -> f16 i32 f32");
  expect([...graph.nodes].map((n) => `${n.op.name} ${n.results[0]!.type.dtype}`)).toEqual([
    "aten._to_copy f32",
    "aten.mul.Tensor f32",
    "aten._to_copy f16",
  ]);
  expect(said[0]!.message).not.toContain('"x"');
  const [out] = await runGraph(graph, [
    tensorData("f16", [2], [3, 0.25]),
    tensorData("i32", [2], [1, 2]),
    tensorData("f32", [2], [1, 2]),
  ]);
  expect([...(out!.data as Float32Array)]).toEqual([1.5, 0.5]);
});

test("an input that is an output keeps its type, too", async () => {
  const { graph, ...seen } = await widened("graph @main(%x: f16[2]) { return %x }", { float16Io: true });
  expect(seen.interface).toBe("f16 -> f16");
  const [out] = await runGraph(graph, [tensorData("f16", [2], [3, -0])]);
  expect([...(out!.data as Float32Array)]).toEqual([3, -0]);
});
