import { expect, test } from "vitest";
import { LiteRtError, loadModel } from "../src/index.ts";
import { acquireInstance, memoryLimit, releaseInstance } from "../src/wasm-instance.ts";
import { f32, fixture } from "./fixture.ts";

const inputs = [f32([2, 3], 1, 2, 3, 4, 5, 6), f32([3], 1, 1, 2), f32([1], 10)];

/** Where the next small block would lie: it moves up when something is never freed. */
function nextBlock(module: { _malloc(size: number): number; _free(pointer: number): void }): number {
  const at = module._malloc(16);
  module._free(at);
  return at;
}

test("neither runs, nor loads, nor changing shapes take memory for good", async () => {
  const order = await fixture("order");
  const dynamic = await fixture("dynamic");
  const instance = await acquireInstance(0, {}); // the one that small models share
  const round = async (): Promise<void> => {
    const model = await loadModel(order);
    for (let i = 0; i < 20; i++) await model.run(inputs);
    model.dispose();
    const resized = await loadModel(dynamic);
    for (let n = 1; n < 5; n++) await resized.run([f32([n, 3], ...new Array<number>(3 * n).fill(n))]);
    resized.dispose();
  };
  await round();
  const before = { memory: instance.memory, next: nextBlock(instance.module) };
  for (let i = 0; i < 100; i++) await round();
  expect({ memory: instance.memory, next: nextBlock(instance.module) }).toEqual(before);
  expect(instance.models).toBe(1);
  releaseInstance(instance);
});

test("RUN0004: a file beyond the memory's limit is refused before anything is copied", async () => {
  const bytes = new Uint8Array(memoryLimit); // untouched pages take no memory
  bytes.set(await fixture("order"));
  const error = await loadModel(bytes).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LiteRtError);
  expect((error as LiteRtError).message).toMatch(
    /^error\[RUN0004\]: the model of 2048 MB does not fit: WebAssembly's memory ends at 2048 MB/,
  );
});

test("RUN0012: when LiteRT crashes, models of that instance say so, and new ones run in another", async () => {
  const order = await fixture("order");
  const neighbour = await loadModel(order);
  const damaged = await fixture("nameless");
  damaged[135] = 1; // leads the runtime, not our reader, out of the file
  await expect(loadModel(damaged)).rejects.toThrow(/RUN0003.*crashes.*memory access out of bounds/s);
  await expect(neighbour.run(inputs)).rejects.toThrow(/RUN0012.*memory access out of bounds/s);
  neighbour.dispose();
  const next = await loadModel(order);
  expect((await next.run(inputs))[1]).toEqual(f32([2, 3], 0, 1, 1, 3, 4, 4));
  next.dispose();
});

test("several loads at once share one instance", async () => {
  const order = await fixture("order");
  const models = await Promise.all(Array.from({ length: 5 }, () => loadModel(order)));
  const instance = await acquireInstance(0, {});
  expect(instance.models).toBe(6);
  for (const model of models) model.dispose();
  expect(instance.models).toBe(1);
  releaseInstance(instance);
});
