import { expect, test } from "vitest";
import { codes, LiteRtError, loadModel } from "../src/index.ts";
import { bool, f32, fixture, i32, withModel } from "./fixture.ts";

const errorOf = async (work: Promise<unknown>): Promise<LiteRtError> => {
  const error = await work.then(
    () => new Error("nothing was thrown"),
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(LiteRtError);
  return error as LiteRtError;
};
const loadError = async (name: string): Promise<LiteRtError> => errorOf(loadModel(await fixture(name)));

test("RUN0002: bytes that are no .tflite", async () => {
  expect((await errorOf(loadModel(new TextEncoder().encode("PK\u0003\u0004 something else")))).message).toMatch(
    /^error\[RUN0002\].*"TFL3"/,
  );
  expect((await errorOf(loadModel(new Uint8Array(3)))).code).toBe("RUN0002");
});

test("RUN0002: a file that was cut off", async () => {
  const bytes = await fixture("order");
  expect((await errorOf(loadModel(bytes.subarray(0, 400)))).code).toBe("RUN0002");
});

test("RUN0003: what LiteRT says about an op version it lacks", async () => {
  const error = await loadError("version");
  expect(error.code).toBe("RUN0003");
  expect(error.log[0]).toMatch(/^Didn't find op for builtin opcode 'ADD' version '99'/);
  expect(error.message).toContain(error.log[0]);
});

test("RUN0003: an element type that LiteRT does not know", async () => {
  const error = await loadError("dtype-c128");
  expect(error.code).toBe("RUN0003");
  expect(error.message).toContain("Element type (11) not currently supported");
});

test("RUN0003: an unresolved custom op is named, at the first run", async () => {
  const error = await withModel("custom", (model) => errorOf(model.run([f32([2], 1, 2)])));
  expect(error.code).toBe("RUN0003");
  expect(error.message).toContain("unresolved custom op: NoSuchOp");
});

test("RUN0003: shapes that a kernel refuses", async () => {
  const error = await withModel("prepare-fails", (model) => errorOf(model.run([f32([2], 1, 2), f32([3], 1, 2, 3)])));
  expect(error.code).toBe("RUN0003");
  expect(error.log.length).toBeGreaterThan(0);
});

test("RUN0005: everything that does not match, at once and by name", async () => {
  const error = await withModel("order", (model) =>
    errorOf(model.run([f32([3, 2], 1, 2, 3, 4, 5, 6), i32([3], 1, 2, 3), f32([1], 1, 2)])),
  );
  expect(error.code).toBe("RUN0005");
  expect(error.message).toContain(`input 0 "mid": expected f32[2,3], got f32[3,2]`);
  expect(error.message).toContain(`input 1 "zed": expected f32[3], got i32[3]`);
  expect(error.message).toContain(`input 2 "abc": expected 1 entries for f32[1], got 2`);
  expect(error.message).toContain("(mid: f32[2,3], zed: f32[3], abc: f32[1])");
});

test("RUN0005: too few inputs, unknown and missing names, a wrong array, no tensor", async () => {
  await withModel("order", async (model) => {
    const [mid, zed, abc] = [f32([2, 3], 1, 2, 3, 4, 5, 6), f32([3], 1, 2, 3), f32([1], 1)];
    expect((await errorOf(model.run([mid]))).message).toContain("expected 3 inputs, got 1");
    const named = await errorOf(model.run({ mid, zed, abd: abc }));
    expect(named.message).toContain(`"abd" is no input`);
    expect(named.message).toContain(`input 2 "abc": expected f32[1], got nothing`);
    const data = Float64Array.of(1, 2, 3) as unknown as Float32Array<ArrayBuffer>;
    expect((await errorOf(model.run({ mid, zed: { dtype: "f32", shape: [3], data }, abc }))).message).toContain(
      "in a Float32Array, got a Float64Array",
    );
    expect((await errorOf(model.run({ mid, zed, abc: 1 as never }))).message).toContain(
      "expected f32[1] as { dtype, shape, data }, got number",
    );
  });
});

test("RUN0006: what LiteRT says about a run, and the model runs again afterwards", async () => {
  await withModel("gather-range", async (model) => {
    const x = f32([4], 1, 2, 3, 4);
    const error = await errorOf(model.run([x, i32([2], 0, 9)]));
    expect(error.code).toBe("RUN0006");
    expect(error.message).toContain("gather index out of bounds");
    expect(await model.run([x, i32([2], 3, 0)])).toEqual([f32([2], 4, 1)]);
  });
});

test("RUN0007: strings", async () => {
  const error = await loadError("string-input");
  expect(error.code).toBe("RUN0007");
  expect(error.message).toContain(`input "text" of signature "serving_default" is string[2]`);
});

test.each(["where", "where-cast", "where-inner"])(
  "RUN0008: %s gives out what depends on values in size, and is never garbage",
  async (name) => {
    for (const x of [bool([4], 0, 1, 0, 1), bool([4], 1, 1, 1, 1), bool([4], 0, 0, 0, 0)]) {
      const error = await withModel(name, (model) => errorOf(model.run([x])));
      expect(error.code).toBe("RUN0008");
      expect(error.message).toContain("depends on values");
    }
  },
);

test("RUN0009: a signature that is not there, or not named", async () => {
  await withModel("two-signatures", async (model) => {
    expect((await errorOf(model.run([]))).message).toMatch(/RUN0009.*name one of "prefill", "decode"/s);
    expect((await errorOf(model.run([], { signature: "encode" }))).message).toMatch(
      /RUN0009.*no signature "encode".*"prefill", "decode"/s,
    );
  });
});

test("RUN0010: a model after its end", async () => {
  const model = await loadModel(await fixture("order"));
  model[Symbol.dispose]();
  model.dispose();
  expect((await errorOf(model.run([]))).code).toBe("RUN0010");
  expect(() => model.reset()).toThrow(/RUN0010/);
});

test("RUN0001: no WebAssembly files", async () => {
  const error = await errorOf(loadModel(await fixture("order"), { wasmUrl: "/no/such/folder" }));
  expect(error.message).toMatch(/RUN0001.*\/no\/such\/folder.*wasmUrl/s);
});

test("every code has a cause in the table", () => {
  for (const cause of Object.values(codes)) expect(cause).toMatch(/^[a-zA-Z].*[^.]$/);
});
