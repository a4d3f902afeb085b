import { tfl } from "@tflower/backend-tflite";
import {
  Compiler,
  type Graph,
  Module,
  printModule,
  Rewriter,
  runGraph,
  runPasses,
  type TensorData,
  tensor,
  tensorData,
  wrap,
} from "@tflower/core";
import { describe, expect, test } from "vitest";
import {
  expressBools,
  legalizeGraph,
  legalizePasses,
  narrowBiases,
  narrowIndices,
  saturateConstants,
  splitActivations,
  unpackWeights,
  unsignActivations,
} from "../../src/index.ts";
import { noise, oneNode, smallNet } from "../small-net.ts";

const opsOf = (g: Graph): readonly string[] => [...g.nodes].map((n) => n.op.name.replace("tfl.", ""));
const first = (m: Module): Graph => m.graphs[0]!;
async function sameNumbers(
  make: () => Module,
  inputs: readonly TensorData[],
  change: (m: Module) => unknown,
): Promise<Graph> {
  const before = await runGraph(first(make()), inputs);
  const module = make();
  await change(module);
  const after = await runGraph(first(module), inputs);
  expect(after.map((t) => t.type)).toEqual(before.map((t) => t.type));
  after.forEach((t, i) => {
    (t.data as Float32Array).forEach((v, k) => {
      expect(v).toBeCloseTo(before[i]!.data[k] as number, 5);
    });
  });
  return first(module);
}

test("all of them together keep the numbers", async () => {
  const x = tensorData("f32", [1, 8, 8, 4], noise(256, 9, 4));
  await sameNumbers(smallNet, [x], (m) => legalizeGraph(first(m)));
  const g = await sameNumbers(smallNet, [x], (m) => runPasses(m, legalizePasses(), new Compiler()));
  expect(opsOf(g)).toEqual(["conv_2d", "relu6", "depthwise_conv_2d", "logistic", "mul", "mean", "fully_connected"]);
});

describe("activations", () => {
  const quant = (zero: number, scale = 6 / 255) => ({ scales: [scale], zeroPoints: [zero] });
  const sum = (zero: number, scale?: number) => () =>
    oneNode(
      (r, [a, b]) => [
        r.create(
          tfl.add,
          { lhs: a!, rhs: b! },
          { fused_activation_function: "RELU6" },
          { types: [tensor("i8", [4], quant(zero, scale))] },
        ).results[0]!,
      ],
      tensor("i8", [4], quant(0, 0.05)),
      tensor("i8", [4], quant(0, 0.05)),
    );
  const codes = (...v: number[]) => wrap(tensor("i8", [4], quant(0, 0.05)), Int8Array.from(v));
  const change = (m: Module) => runPasses(m, [splitActivations()], new Compiler());

  test("go where the range of a quantized result says the same", async () => {
    const g = await sameNumbers(sum(-128), [codes(-100, 10, 100, 50), codes(-20, 5, 120, -60)], change);
    expect(opsOf(g)).toEqual(["add"]);
  });
  test("stay where it says more", async () => {
    const g = await sameNumbers(sum(0, 0.1), [codes(-100, 10, 100, 50), codes(-20, 5, 120, -60)], change);
    expect(opsOf(g)).toEqual(["add", "relu6"]);
  });
});

test("16-bit activations are unsigned inside, and as they were outside", async () => {
  const q = { scales: [0.001], zeroPoints: [0] };
  const make = () =>
    oneNode(
      (r, [x]) => {
        const c = r.constant({ type: tensor("i16", [3], q), data: Int16Array.of(-500, 0, 700) } as never);
        return [
          r.create(
            tfl.mul,
            { lhs: x!, rhs: c },
            {},
            { types: [tensor("i16", [3], { scales: [0.002], zeroPoints: [0] })] },
          ).results[0]!,
        ];
      },
      tensor("i16", [3], q),
    );
  const x = wrap(tensor("i16", [3], q), Int16Array.of(1200, -32768, 30000));
  const g = await sameNumbers(make, [x], (m) => runPasses(m, [unsignActivations()], new Compiler()));
  expect(opsOf(g)).toEqual(["quantize", "mul", "quantize"]);
  const mul = [...g.nodes][1]!;
  expect([...mul.inputs, mul.result].map((v) => [v.type.dtype, v.type.quant?.zeroPoints])).toEqual([
    ["u16", [32768]],
    ["u16", [32768]],
    ["u16", [32768]],
  ]);
});

test("a 64-bit bias becomes a 32-bit one, or an error", async () => {
  const make = (value: bigint) => {
    const module = oneNode(
      (r, [x]) => {
        const quant = { scales: [0.5], zeroPoints: [0] };
        const filter = r.constant({ type: tensor("i8", [1, 2], quant), data: Int8Array.of(1, 2) } as never);
        const bias = r.constant({ type: tensor("i64", [1], quant), data: BigInt64Array.of(value) } as never);
        return [
          r.create(tfl.fullyConnected, { input: x!, filter, bias }, {}, { types: [tensor("i16", [1, 1], quant)] })
            .results[0]!,
        ];
      },
      tensor("i16", [1, 2], { scales: [1], zeroPoints: [0] }),
    );
    return module;
  };
  const narrowed = async (value: bigint) => {
    const m = make(value);
    await runPasses(m, [narrowBiases()], new Compiler());
    return [...first(m).nodes][0]!.inputs.find((v) => v.type.dtype === "i32")!;
  };
  const { loadConstant } = await import("@tflower/core");
  expect([...(await loadConstant((await narrowed(-7n)).constant!)).data]).toEqual([-7]);
  const far = await narrowed(2n ** 40n);
  await expect(loadConstant(far.constant!)).rejects.toThrow("does not fit the 32 bits");
});

test("truth values move as integers, and reduce as floats", async () => {
  const bits = (...v: number[]) => wrap(tensor("bool", [2, 2]), Uint8Array.from(v));
  const make = () =>
    oneNode(
      (r, [x]) => [
        r.emit(tfl.reduceAny, { input: x! }, {}, { axes: [1] }),
        r.emit(tfl.reduceAll, { input: x! }, {}, { axes: [1] }),
        r.emit(tfl.slice, { input: x! }, {}, { begin: [1, 0], size: [1, 2] }),
      ],
      tensor("bool", [2, 2]),
    );
  const g = await sameNumbers(make, [bits(0, 1, 1, 1)], (m) => runPasses(m, [expressBools()], new Compiler()));
  expect(opsOf(g).filter((n) => n !== "cast")).toEqual(["reduce_max", "reduce_min", "slice"]);
});

test("constants keep to what float16 holds, infinities stay", async () => {
  const m = oneNode(
    (r, [x]) => [r.emit(tfl.mul, { lhs: x!, rhs: r.constant(tensorData("f32", [3], [-3.4e38, 1, -Infinity])) }, {})],
    tensor("f32", [3]),
  );
  await runPasses(m, [saturateConstants()], new Compiler());
  expect(printModule(m)).toContain("-65504");
  const data = [...first(m).nodes][0]!.inputs[1]!.constant as { data: Float32Array };
  expect([...data.data]).toEqual([-65504, 1, -Infinity]);
});

test("64-bit indices become 32-bit ones", async () => {
  const make = () =>
    oneNode(
      (r, [i]) => [r.emit(tfl.gather, { params: r.constant(tensorData("f32", [3], [5, 6, 7])), indices: i! }, {})],
      tensor("i64", [2]),
    );
  const index = tensorData("i64", [2], [2n, 0n]);
  const g = await sameNumbers(make, [index], (m) => runPasses(m, [narrowIndices()], new Compiler()));
  expect(opsOf(g)).toEqual(["cast", "gather"]);
});

test("weights that are stored as integers are floats where floats are multiplied", async () => {
  const make = () => {
    const module = new Module();
    const g = module.graph("main");
    const x = g.input(tensor("f32", [1, 2]), "x");
    const r = new Rewriter(g);
    const filter = r.constant({
      type: tensor("i8", [2, 2], { scales: [0.5, 0.25], zeroPoints: [0, 0], axis: 0 }),
      data: Int8Array.of(1, 2, 3, 4),
    } as never);
    g.outputs = [
      r.create(tfl.fullyConnected, { input: x, filter }, {}, { types: [tensor("f32", [1, 2])] }).results[0]!,
    ];
    return module;
  };
  const m = make();
  await runPasses(m, [unpackWeights()], new Compiler());
  const [y] = await runGraph(first(m), [tensorData("f32", [1, 2], [1, 10])]);
  expect([...y!.data]).toEqual([0.5 + 10, 0.75 + 10]);
});
