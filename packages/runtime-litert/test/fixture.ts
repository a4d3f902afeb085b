import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type LiteRtModel, loadModel, type RuntimeTensor } from "../src/index.ts";

/** The bytes of `fixtures/NAME.tflite`, which `fixtures/make_fixtures.py` wrote. */
export async function fixture(name: string): Promise<Uint8Array> {
  return readFile(fileURLToPath(new URL(`fixtures/${name}.tflite`, import.meta.url)));
}

/** Loads a fixture, hands it to `use`, and disposes of it. */
export async function withModel<T>(name: string, use: (model: LiteRtModel) => Promise<T>): Promise<T> {
  const model = await loadModel(await fixture(name));
  try {
    return await use(model);
  } finally {
    model.dispose();
  }
}

export const f32 = (shape: readonly number[], ...values: number[]): RuntimeTensor<"f32"> => ({
  dtype: "f32",
  shape,
  data: Float32Array.from(values),
});
export const i32 = (shape: readonly number[], ...values: number[]): RuntimeTensor<"i32"> => ({
  dtype: "i32",
  shape,
  data: Int32Array.from(values),
});
export const bool = (shape: readonly number[], ...values: number[]): RuntimeTensor<"bool"> => ({
  dtype: "bool",
  shape,
  data: Uint8Array.from(values),
});
