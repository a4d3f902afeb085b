/** Runs in the page and in a worker: what a user's own script would do. */
import { loadModel } from "../../src/index.ts";

async function fetchBytes(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

async function exercise(): Promise<unknown> {
  const model = await loadModel(await fetchBytes("/order.tflite"), { wasmUrl: "/litert" });
  const f32 = (shape: number[], ...values: number[]) => ({
    dtype: "f32" as const,
    shape,
    data: Float32Array.from(values),
  });
  const inputs = [f32([2, 3], 1, 2, 3, 4, 5, 6), f32([3], 1, 1, 2), f32([1], 10)];
  const results = await model.runNamed(inputs);
  model.dispose();
  const refused = await loadModel(await fetchBytes("/version.tflite"), { wasmUrl: "/litert/" }).catch((e) => e.message);
  const homeless = await loadModel(await fetchBytes("/order.tflite")).catch((e) => e.message);
  const missing = await loadModel(await fetchBytes("/order.tflite"), { wasmUrl: "/nowhere" }).catch((e) => e.message);
  const globals = Object.keys(globalThis).filter(
    (k) => (globalThis as Record<string, unknown>)[k] !== undefined && /module/i.test(k),
  );
  return {
    product: Array.from(results["product"]!.data as Float32Array),
    diff: Array.from(results["diff"]!.data as Float32Array),
    refused,
    homeless,
    missing,
    globals,
  };
}

const result = await exercise().catch((error) => ({ error: String(error?.stack ?? error) }));
const where = typeof document === "object" ? "page" : "worker";
await fetch(`/result/${where}`, { method: "POST", body: JSON.stringify(result) });
if (where === "page") new Worker("/bundle.js", { type: "module" });
