import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { convert, createCompiler, readSafetensors } from "tflower";
import { expect, test } from "vitest";
import { swishPlugin } from "../swish-plugin.ts";

const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

test("without the plugin the op is refused, with its place in the Python program", async () => {
  const error = await convert(file("swish_net.pt2")).catch((e) => e);
  expect(error.diagnostics).toHaveLength(1);
  expect(error.diagnostics[0]).toMatchObject({ code: "LOW0001", op: "mylib.swish" });
  expect(error.message).toMatch(/custom-op\/make_program\.py:\d+/);
});

test("with the plugin the model computes what PyTorch computes", async () => {
  const model = await convert(file("swish_net.pt2"), { compiler: createCompiler().use(swishPlugin) });
  const tests = readSafetensors("tests", readFileSync(file("swish_net.safetensors")));
  const floats = (name: string): Float32Array => new Float32Array(tests.get(name)!.bytes.buffer as ArrayBuffer);
  const [out] = await model.run([{ dtype: "f32", shape: [2, 6], data: floats("in.0") }]);
  await model.dispose();
  const want = floats("out.0");
  expect(out!.shape).toEqual([2, 3]);
  for (const [i, v] of (out!.data as Float32Array).entries()) expect(v).toBeCloseTo(want[i]!, 5);
});
