import { describe, expect, expectTypeOf, test } from "vitest";
import { asDType, type RuntimeTensor, tensorBytes, tensorFromBytes } from "../src/index.ts";
import { bool, f32, fixture, i32, withModel } from "./fixture.ts";

describe("inputs and outputs", () => {
  const inputs = [f32([2, 3], 1, 2, 3, 4, 5, 6), f32([3], 1, 1, 2), f32([1], 10)] as const;
  const product = f32([2, 3], 0, 10, 10, 30, 40, 40);
  const diff = f32([2, 3], 0, 1, 1, 3, 4, 4);

  test("keep the graph's order, whatever order the signature or the alphabet has", async () => {
    await withModel("order", async (model) => {
      expect(model.signatures).toEqual([
        {
          key: "serving_default",
          inputs: [
            { name: "mid", dtype: "f32", shape: [2, 3] },
            { name: "zed", dtype: "f32", shape: [3] },
            { name: "abc", dtype: "f32", shape: [1] },
          ],
          outputs: [
            { name: "product", dtype: "f32", shape: [2, 3] },
            { name: "diff", dtype: "f32", shape: [2, 3] },
          ],
        },
      ]);
      expect(await model.run(inputs)).toEqual([product, diff]);
    });
  });

  test("go by name too", async () => {
    await withModel("order", async (model) => {
      const [mid, zed, abc] = inputs;
      expect(await model.runNamed({ abc, mid, zed })).toEqual({ product, diff });
    });
  });

  test("a file without signatures has one without a name", async () => {
    await withModel("nameless", async (model) => {
      expect(model.signatures.map((s) => [s.key, s.inputs.map((p) => p.name), s.outputs.map((p) => p.name)])).toEqual([
        ["", ["z", "a"], ["y", "b"]],
      ]);
      expect(await model.run([f32([2], 5, 7), f32([2], 1, 2)])).toEqual([f32([2], 4, 5), f32([2], 6, 9)]);
    });
  });

  test("scalars have the empty shape", async () => {
    await withModel("scalar", async (model) => {
      const n: RuntimeTensor = { dtype: "i64", shape: [], data: BigInt64Array.of(-3n) };
      expect(await model.run([f32([], 1), n])).toEqual([
        f32([], 1.5),
        { dtype: "i64", shape: [], data: BigInt64Array.of(2n ** 40n - 3n) },
      ]);
    });
  });

  test("results are the caller's own", async () => {
    await withModel("aliases", async (model) => {
      const x = f32([2], 1, 2);
      const [same, neg, neg2] = await model.run([x, f32([2], 0, 0)]);
      (same!.data as Float32Array).fill(9);
      (neg!.data as Float32Array).fill(9);
      expect(x).toEqual(f32([2], 1, 2));
      expect(neg2).toEqual(f32([2], -1, -2));
    });
  });

  test("results can be looked at without a copy", async () => {
    await withModel("aliases", async (model) => {
      const inputs = { x: f32([2], 1, 2), unused: f32([2], 0, 0) };
      const want = await model.run(inputs);
      const seen: RuntimeTensor[] = [];
      await model.look(inputs, (i, t) => void (seen[i] = { ...t, data: t.data.slice() } as RuntimeTensor));
      expect(seen).toEqual(want);
      const mistake = new Error("the caller's own");
      await expect(
        model.look(inputs, () => {
          throw mistake;
        }),
      ).rejects.toBe(mistake);
      expect(await model.run(inputs)).toEqual(want);
    });
  });

  test("an input that is an output, one tensor given out twice, and a constant", async () => {
    await withModel("aliases", async (model) => {
      for (const v of [1, 3])
        expect(await model.runNamed({ x: f32([2], v, 2), unused: f32([2], 0, 0) })).toEqual({
          same: f32([2], v, 2),
          neg: f32([2], -v, -2),
          neg2: f32([2], -v, -2),
          const: f32([2], 5, 6),
        });
    });
  });

  test("outputs all along a chain of kernels that may share memory", async () => {
    await withModel("reshape-chain", async (model) => {
      for (const sign of [1, -1]) {
        const x = [1, 2, 3, 4, 5, 6].map((v) => v * sign);
        const y = x.map((v) => -v);
        const shapes = [[6], [1, 6]];
        expect(await model.run([f32([2, 3], ...x)])).toEqual([
          ...shapes.map((s) => f32(s, ...x)),
          ...[[1, 6], [6], [3, 2]].map((s) => f32(s, ...y)),
        ]);
      }
    });
  });

  test("a clamped byte array, as a canvas has it, passes for u8", async () => {
    await withModel("dtype-u8", async (model) => {
      const data = Uint8ClampedArray.from([1, 2, 3, 4, 5, 255]) as unknown as Uint8Array<ArrayBuffer>;
      expect(await model.run([{ dtype: "u8", shape: [2, 3], data }])).toEqual([
        { dtype: "u8", shape: [3, 2], data: Uint8Array.from([1, 2, 3, 4, 5, 255]) },
      ]);
    });
  });

  test("an array that is part of a larger buffer", async () => {
    await withModel("dtype-f32", async (model) => {
      const data = new Float32Array(9).map((_, i) => i).subarray(2, 8);
      expect(await model.run([{ dtype: "f32", shape: [2, 3], data }])).toEqual([f32([3, 2], 2, 3, 4, 5, 6, 7)]);
    });
  });
});

describe("element types", () => {
  const cases: readonly RuntimeTensor[] = [
    { dtype: "f64", shape: [2, 3], data: Float64Array.of(Math.PI, -0, 1e300, 4, 5, 6) },
    { dtype: "f32", shape: [2, 3], data: Float32Array.of(0.5, -0, 3e38, 4, 5, 6) },
    { dtype: "f16", shape: [2, 3], data: Uint16Array.of(0x3c00, 0x8000, 0x7bff, 1, 2, 3) },
    { dtype: "bf16", shape: [2, 3], data: Uint16Array.of(0x3f80, 0x8000, 0x7f7f, 1, 2, 3) },
    { dtype: "f8e4m3", shape: [2, 3], data: Uint8Array.of(0x38, 0x80, 0x7e, 1, 2, 3) },
    { dtype: "f8e5m2", shape: [2, 3], data: Uint8Array.of(0x3c, 0x80, 0x7b, 1, 2, 3) },
    { dtype: "i64", shape: [2, 3], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n, 2n, 3n) },
    { dtype: "i32", shape: [2, 3], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, 1, 2, 3) },
    { dtype: "i16", shape: [2, 3], data: Int16Array.of(-32768, 32767, 0, 1, 2, 3) },
    { dtype: "i8", shape: [2, 3], data: Int8Array.of(-128, 127, 0, 1, 2, 3) },
    { dtype: "i4", shape: [2, 3], data: Uint8Array.of(0x1f, 0x28, 0x70) },
    { dtype: "i2", shape: [2, 3], data: Uint8Array.of(0b11100100, 0b0110) },
    { dtype: "u64", shape: [2, 3], data: BigUint64Array.of(2n ** 64n - 1n, 0n, 1n, 2n, 3n, 4n) },
    { dtype: "u32", shape: [2, 3], data: Uint32Array.of(2 ** 32 - 1, 0, 1, 2, 3, 4) },
    { dtype: "u16", shape: [2, 3], data: Uint16Array.of(65535, 0, 1, 2, 3, 4) },
    { dtype: "u8", shape: [2, 3], data: Uint8Array.of(255, 0, 1, 2, 3, 4) },
    { dtype: "u4", shape: [2, 3], data: Uint8Array.of(0x1f, 0x28, 0x70) },
    { dtype: "bool", shape: [2, 3], data: Uint8Array.of(1, 0, 1, 1, 0, 0) },
    { dtype: "c64", shape: [2, 3], data: Float32Array.from({ length: 12 }, (_, i) => i - 4) },
  ];
  test.each(cases)("$dtype goes in and comes out bit by bit", async (tensor) => {
    await withModel(`dtype-${tensor.dtype}`, async (model) => {
      expect(await model.run([tensor])).toEqual([{ ...tensor, shape: [3, 2] }]);
    });
  });
});

describe("tensors without elements", () => {
  test("as an input", async () => {
    await withModel("empty-input", async (model) => {
      expect(await model.run([f32([0, 3]), f32([2, 3], 1, 2, 3, 4, 5, 6)])).toEqual([f32([2, 3], 1, 2, 3, 4, 5, 6)]);
    });
  });
  test("as an output", async () => {
    await withModel("empty-output", async (model) => {
      expect(await model.run([f32([2, 3], -1, 2, -3, 4, 5, 6)])).toEqual([f32([0, 3]), f32([2, 3], 1, 2, 3, 4, 5, 6)]);
    });
  });
  test("inside", async () => {
    await withModel("empty-inner", async (model) => {
      expect(await model.run([f32([2, 3], 1, 2, 3, 4, 5, 6)])).toEqual([f32([2, 3], 1, 2, 3, 4, 5, 6)]);
    });
  });
  test("where nothing is left to compute", async () => {
    await withModel("only-aliases", async (model) => {
      expect(await model.run([i32([3], 1, 2, 3), f32([0, 2])])).toEqual([i32([3], 1, 2, 3), f32([0, 2])]);
    });
  });
});

describe("signatures and control flow", () => {
  test("several signatures", async () => {
    await withModel("two-signatures", async (model) => {
      expect(model.signatures.map((s) => s.key)).toEqual(["prefill", "decode"]);
      const prefill = await model.run([f32([4, 2], 1, 2, 3, 4, 5, 6, 7, 8)], { signature: "prefill" });
      expect(prefill).toEqual([f32([4, 2], -1, -2, -3, -4, -5, -6, -7, -8)]);
      expect(await model.runNamed({ pos: i32([1], 7), x: f32([1, 2], 1, 2) }, { signature: "decode" })).toEqual({
        y: f32([1, 2], 8, 9),
      });
    });
  });
  test("IF takes both ways", async () => {
    await withModel("branch", async (model) => {
      const x = f32([3], 5, 6, 7);
      expect(await model.run([bool([], 1), x])).toEqual([f32([3], 6, 7, 8)]);
      expect(await model.run([bool([], 0), x])).toEqual([f32([3], 10, 12, 14)]);
    });
  });
  test("WHILE runs as often as told", async () => {
    await withModel("loop", async (model) => {
      expect(await model.run([i32([], 5), f32([2], 1, 3)])).toEqual([f32([2], 32, 96), i32([], 0)]);
      expect(await model.run([i32([], 0), f32([2], 1, 3)])).toEqual([f32([2], 1, 3), i32([], 0)]);
    });
  });
});

describe("state", () => {
  test("variables keep their values from run to run, and get their first ones again on reset", async () => {
    await withModel("counter", async (model) => {
      const x = f32([2], 1, 2);
      expect(await model.run([x])).toEqual([f32([2], 11, 22)]);
      expect(await model.run([x])).toEqual([f32([2], 12, 24)]);
      model.reset();
      expect(await model.run([x])).toEqual([f32([2], 11, 22)]);
    });
  });
  test("reads give the value of their place in the order of the graph", async () => {
    await withModel("read-state", async (model) => {
      const x = f32([2], 1, 2);
      expect(await model.run([x])).toEqual([f32([2], 10, 20), f32([1, 2], 10, 20), f32([2], 11, 22)]);
      expect(await model.run([x])).toEqual([f32([2], 11, 22), f32([1, 2], 11, 22), f32([2], 12, 24)]);
    });
  });
  test("two loads of one file have a state each", async () => {
    await withModel("counter", async (a) =>
      withModel("counter", async (b) => {
        await a.run([f32([2], 5, 5)]);
        expect(await b.run([f32([2], 1, 1)])).toEqual([f32([2], 11, 21)]);
      }),
    );
  });
  test("signatures share it", async () => {
    await withModel("shared-state", async (model) => {
      await model.run([f32([2], 1, 1)], { signature: "add" });
      expect(await model.run([f32([2], 2, 3)], { signature: "get" })).toEqual([f32([2], 22, 63)]);
    });
  });
});

describe("open extents", () => {
  test("any size runs, in any order", async () => {
    await withModel("dynamic", async (model) => {
      expect(model.signatures[0]!.inputs[0]!.shape).toEqual([-1, 3]);
      for (const n of [4, 1, 7, 61, 59, 2, 4]) {
        const x = Array.from({ length: 3 * n }, (_, i) => i);
        expect(await model.run([f32([n, 3], ...x)])).toEqual([f32([n, 3], ...x.map((v, i) => v + 1 + (i % 3)))]);
      }
    });
  });
  test("outputs that are computed from shapes", async () => {
    await withModel("dynamic-rows", async (model) => {
      for (const [n, m] of [
        [2, 3],
        [5, 1],
        [61, 2],
      ] as const) {
        const x = Array.from({ length: n * m }, (_, i) => i);
        const t = Array.from({ length: n * m }, (_, i) => x[(i % n) * m + Math.floor(i / n)]!);
        expect(await model.runNamed([f32([n, m], ...x)])).toEqual({
          transposed: f32([m, n], ...t),
          shape: i32([2], n, m),
          twice: i32([2], 2 * n, 2 * m),
        });
      }
    });
  });
  test("a model with state stays on one shape until it is reset", async () => {
    await withModel("dynamic-state", async (model) => {
      const three = f32([3, 2], 1, 2, 3, 4, 5, 6);
      expect(await model.run([three])).toEqual([f32([2], 9, 112)]);
      expect(await model.run([three])).toEqual([f32([2], 18, 124)]);
      await expect(model.run([f32([1, 2], 1, 2)])).rejects.toThrow(/RUN0011.*reset\(\)/s);
      expect(await model.run([three])).toEqual([f32([2], 27, 136)]);
      model.reset();
      expect(await model.run([f32([1, 2], 1, 2)])).toEqual([f32([2], 1, 102)]);
    });
  });
  test("a size that depends on values may come and go inside", async () => {
    await withModel("where-sum", async (model) => {
      const sums = [];
      for (const x of [bool([4], 0, 1, 0, 1), bool([4], 1, 1, 1, 1), bool([4], 0, 0, 0, 0), bool([4], 0, 0, 1, 1)])
        sums.push((await model.run([x]))[0]);
      expect(sums).toEqual([f32([], 4), f32([], 6), f32([], 0), f32([], 5)]);
    });
  });
});

test("the bytes may lie anywhere in a larger buffer", async () => {
  const bytes = await fixture("order");
  const larger = new Uint8Array(bytes.byteLength + 7);
  larger.set(bytes, 3);
  const { loadModel } = await import("../src/index.ts");
  const model = await loadModel(larger.subarray(3, 3 + bytes.byteLength));
  expect(model.signatures[0]!.inputs).toHaveLength(3);
  model.dispose();
});

describe("tensors and bytes", () => {
  test("bytes become a tensor and back, also from where they are not aligned", () => {
    const bytes = new Uint8Array([9, 0, 0, 128, 63, 0, 0, 0, 192]).subarray(1);
    const tensor = tensorFromBytes("f32", [2, 1], bytes);
    expect(tensor).toEqual(f32([2, 1], 1, -2));
    expect(tensorBytes(tensor)).toEqual(Uint8Array.from(bytes));
    expect(tensorFromBytes("i4", [3], Uint8Array.of(0x21, 3)).data).toEqual(Uint8Array.of(0x21, 3));
    expect(() => tensorFromBytes("f32", [3], bytes)).toThrow(/expected 12 bytes for f32\[3\], got 8/);
    expect(() => tensorFromBytes("string", [3], bytes)).toThrow(/RUN0007/);
  });
  test("an element type is checked once and known from then on", () => {
    const tensor: RuntimeTensor = f32([1], 2);
    expectTypeOf(asDType(tensor, "f32").data).toEqualTypeOf<Float32Array<ArrayBuffer>>();
    expectTypeOf(asDType(tensor, "f32")).toEqualTypeOf<RuntimeTensor<"f32">>();
    expect(() => asDType(tensor, "i64")).toThrow(/expected a tensor of i64, got f32\[1\]/);
  });
});
