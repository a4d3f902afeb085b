import { tfl } from "@tflower/backend-tflite";
import { type Node, type Rewriter, symbol, type TensorType, tensor, type Value } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { examineNode, knownSocs, qnnMappings, type SupportVerdict } from "../../src/index.ts";
import { oneNode } from "../small-net.ts";

const soc = (name: string) => knownSocs.socs.get(name)!;
function verdict(
  make: (r: Rewriter, inputs: readonly Value[]) => readonly Value[],
  types: readonly TensorType[],
  system = "SM8650",
): SupportVerdict {
  const nodes: readonly Node[] = [...oneNode(make, ...types).graphs[0]!.nodes];
  return examineNode(nodes[0]!, soc(system)).verdict;
}
const relu = (r: Rewriter, [x]: readonly Value[]) => [r.emit(tfl.relu, { input: x! }, {})];
const refusal = (v: SupportVerdict) => v as Extract<SupportVerdict, { supported: false }>;

test("a node that has a form in QNN says which", () => {
  expect(verdict(relu, [tensor("f32", [2, 3])])).toEqual({
    supported: true,
    qnnOps: ["ElementWiseNeuron"],
    source: { kind: "static-table" },
  });
});

describe("refusals say what was expected, what came, and what to do", () => {
  test("floats on a system that has integers only", () => {
    const v = refusal(verdict(relu, [tensor("f32", [2])], "SM8350"));
    expect(v.reason).toContain("SM8350 has a Hexagon v68");
    expect(v.fix).toContain("quantize");
    expect(verdict(relu, [tensor("i8", [2], { scales: [1], zeroPoints: [0] })], "SM8350").supported).toBe(true);
  });
  test("a system whose Hexagon is older than the HTP", () => {
    const v = refusal(verdict(relu, [tensor("i8", [2], { scales: [1], zeroPoints: [0] })], "SDM865"));
    expect(v.reason).toBe("SDM865 has a Hexagon v66, and the HTP begins with v68");
  });
  test("an op without a counterpart", () => {
    const v = refusal(
      verdict((r, [x]) => [r.emit(tfl.reduceProd, { input: x! }, {}, { axes: [0] })], [tensor("f32", [2])]),
    );
    expect(v.reason).toBe("REDUCE_PROD has no counterpart among the HTP's ops");
  });
  test("element types that the op does not take", () => {
    const v = refusal(
      verdict((r, [a, b]) => [r.emit(tfl.add, { lhs: a!, rhs: b! }, {})], [tensor("i64", [2]), tensor("i64", [2])]),
    );
    expect(v.reason).toContain("this one has int64/int64/int64");
    expect(v.fix).toContain("32-bit integers");
  });
  test("extents that are known only at run time", () => {
    const v = refusal(verdict(relu, [tensor("f32", [symbol("s0"), 3])]));
    expect(v.reason).toContain("fixed extents");
    expect(v.fix).toContain("static shapes");
  });
  test("axes that cannot be joined", () => {
    const v = refusal(
      verdict(
        (r, [x]) => [r.emit(tfl.transpose, { input: x! }, {}, { perm: [5, 3, 1, 4, 2, 0] })],
        [tensor("f32", [2, 2, 2, 2, 2, 2])],
      ),
    );
    expect(v.reason).toContain("6 axes that cannot be joined");
  });
  test("more axes than an op other than a move has", () => {
    const v = refusal(
      verdict((r, [x]) => [r.emit(tfl.softmax, { input: x! }, {})], [tensor("f32", [1, 2, 2, 2, 2, 2])]),
    );
    expect(v.reason).toContain("up to 5 axes");
  });
  test("filters that are computed", () => {
    const v = refusal(
      verdict(
        (r, [x, f]) => [r.emit(tfl.conv2d, { input: x!, filter: f! }, {})],
        [tensor("f32", [1, 4, 4, 2]), tensor("f32", [3, 1, 1, 2])],
      ),
    );
    expect(v.reason).toContain("filters that are constants");
  });
});

test("signed 16-bit activations go as unsigned ones, which depthwise convolutions take", () => {
  const q = { scales: [0.001], zeroPoints: [0] };
  const v = verdict(
    (r, [x]) => {
      const filter = r.constant({
        type: tensor("i8", [1, 1, 1, 2], { scales: [0.1, 0.2], zeroPoints: [0, 0], axis: 3 }),
        data: Int8Array.of(1, 2),
      } as never);
      const bias = r.constant({
        type: tensor("i64", [2], { scales: [0.0001, 0.0002], zeroPoints: [0, 0], axis: 0 }),
        data: BigInt64Array.of(1n, 2n),
      } as never);
      return r.create(
        tfl.depthwiseConv2d,
        { input: x!, filter, bias },
        { fused_activation_function: "RELU6" },
        { types: [tensor("i16", [1, 4, 4, 2], q)] },
      ).results;
    },
    [tensor("i16", [1, 4, 4, 2], q)],
  );
  expect(v).toMatchObject({ supported: true, qnnOps: expect.arrayContaining(["Convert", "DepthWiseConv2d"]) });
});

test("sums that the HTP has no kernel for are made of those that it has", () => {
  const v = verdict(
    (r, [x]) => [r.emit(tfl.cumsum, { input: x! }, {}, { axis: 1, exclusive: true, reverse: true })],
    [tensor("f32", [2, 3])],
  );
  expect(v).toMatchObject({ supported: true, qnnOps: ["StridedSlice", "CumulativeSum", "ElementWiseBinary"] });
});

test("attention of 16-bit activations goes through floats, where there are some", () => {
  const q = { scales: [0.001], zeroPoints: [0] };
  const product = (system: string) =>
    verdict(
      (r, [x, y]) => r.create(tfl.batchMatmul, { x: x!, y: y! }, {}, { types: [tensor("i16", [1, 2, 2], q)] }).results,
      [tensor("i16", [1, 2, 4], q), tensor("i16", [1, 4, 2], q)],
      system,
    );
  expect(product("SM8650")).toMatchObject({
    supported: true,
    qnnOps: ["Convert", "Dequantize", "MatMul", "Quantize"],
  });
  expect(refusal(product("SM8350")).reason).toContain("computes with integers only");
});

test("no op is mapped twice", () => {
  expect([...qnnMappings.values()].every((m) => qnnMappings.get(m.op.name) === m)).toBe(true);
  expect(qnnMappings.size).toBeGreaterThan(80);
});
