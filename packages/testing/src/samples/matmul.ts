import { type DType, type Scalar, tensorData } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import { drawBroadcastable, drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";

const extent = (choose: Choose): number => choose.between(1, 5);
const dtype = (choose: Choose): DType => (choose.maybe(0.2) ? choose.pick<DType>(["i32", "i64"]) : "f32");
const batches = (choose: Choose): number[] => drawShape(choose, { maxRank: 2, maxExtent: 3 });

/** Operands of a product: vectors, matrices, stacks of them whose leading axes broadcast. */
function drawFactors(choose: Choose) {
  const d = dtype(choose);
  const [m, k, n] = [extent(choose), extent(choose), extent(choose)];
  const batch = batches(choose);
  const left = choose.maybe(0.2) ? [k] : [...drawBroadcastable(choose, batch), m, k];
  const right = choose.maybe(0.2) ? [k] : [...drawBroadcastable(choose, batch), k, n];
  return [slot(d, left), slot(d, right)] as const;
}

const number = (choose: Choose): Scalar => choose.pick<Scalar>([1n, 2, 0.5, -1, 0, 3n]);
/** `beta * self + alpha * product`, where `self` broadcasts to the product. */
const added = (choose: Choose, product: readonly number[]) => ({
  self: slot("f32", drawBroadcastable(choose, product), { values: "finite" }),
  attrs: { ...(choose.maybe(0.4) && { beta: number(choose) }), ...(choose.maybe(0.4) && { alpha: number(choose) }) },
});

function drawChain(choose: Choose): Slot[] {
  const sizes = Array.from({ length: choose.between(3, 5) }, () => extent(choose));
  return sizes.slice(1).map((n, i) => slot("f32", [sizes[i]!, n], { values: "finite" }));
}

/** Rows in groups, some of which may be empty, and rows that are in none. */
function drawGroups(choose: Choose): { readonly rows: Slot; readonly matrices: Slot; readonly ends: Slot } {
  const [groups, depth, columns] = [choose.between(1, 3), extent(choose), extent(choose)];
  const sizes = Array.from({ length: groups }, () => choose.between(0, 3));
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const count = Math.max(1, ends.at(-1)! + (choose.maybe(0.2) ? 1 : 0));
  return {
    rows: slot("f32", [count, depth], { constant: false }),
    matrices: slot("f32", [groups, depth, columns], { values: "finite" }),
    ends: { ...slot("i32", [groups], { constant: false }), data: tensorData("i32", [groups], ends) },
  };
}

/** Products of matrices and vectors. */
export const matmulSamples: readonly Sample[] = [
  defineSample(aten.linear, (choose) => {
    const [ins, outs] = [extent(choose), extent(choose)];
    return {
      operands: {
        input: slot("f32", [...drawShape(choose, { maxRank: 3, maxExtent: 4 }), ins], { constant: false }),
        weight: slot("f32", [outs, ins], { values: "finite", constant: choose.maybe(0.8) }),
        bias: choose.maybe(0.6) ? slot("f32", [outs], { constant: choose.maybe(0.9) }) : undefined,
      },
    };
  }),
  ...[aten.matmul, aten.linalgMatmul].map((op) =>
    defineSample(op, (choose) => {
      const [self, other] = drawFactors(choose);
      return { operands: { self, other } };
    }),
  ),
  defineSample(aten.groupedMmFallback, (choose) => {
    const { rows, matrices, ends } = drawGroups(choose);
    return { operands: { input: rows, weight: matrices, offs: ends } };
  }),
  defineSample(aten.groupedMm, (choose) => {
    const { rows, matrices, ends } = drawGroups(choose);
    return { operands: { self: rows, mat2: matrices, offs: ends, bias: undefined } };
  }),
  defineSample(aten.mm, (choose) => {
    const [d, m, k, n] = [dtype(choose), extent(choose), extent(choose), extent(choose)];
    return { operands: { self: slot(d, [m, k]), mat2: slot(d, [k, n]) } };
  }),
  defineSample(aten.bmm, (choose) => {
    const [d, b, m, k, n] = [dtype(choose), extent(choose), extent(choose), extent(choose), extent(choose)];
    return { operands: { self: slot(d, [b, m, k]), mat2: slot(d, [b, k, n]) } };
  }),
  defineSample(aten.mv, (choose) => {
    const [d, m, k] = [dtype(choose), extent(choose), extent(choose)];
    return { operands: { self: slot(d, [m, k]), vec: slot(d, [k]) } };
  }),
  defineSample(aten.dot, (choose) => {
    const [d, k] = [dtype(choose), extent(choose)];
    return { operands: { self: slot(d, [k]), tensor: slot(d, [k]) } };
  }),
  defineSample(aten.vdot, (choose) => {
    const [d, k] = [dtype(choose), extent(choose)];
    return { operands: { self: slot(d, [k]), other: slot(d, [k]) } };
  }),
  defineSample(aten.inner, (choose) => {
    const [d, k] = [dtype(choose), extent(choose)];
    return { operands: { self: slot(d, [...batches(choose), k]), other: slot(d, [...batches(choose), k]) } };
  }),
  ...[aten.outer, aten.ger].map((op) =>
    defineSample(op, (choose) => ({
      operands: { self: slot("f32", [extent(choose)]), vec2: slot("f32", [extent(choose)]) },
    })),
  ),
  ...[aten.addmm, aten.addmmActivation].map((op) =>
    defineSample(op as typeof aten.addmm, (choose) => {
      const [m, k, n] = [extent(choose), extent(choose), extent(choose)];
      const { self, attrs } = added(choose, [m, n]);
      return {
        operands: {
          self,
          mat1: slot("f32", [m, k], { values: "finite" }),
          mat2: slot("f32", [k, n], { values: "finite" }),
        },
        attrs,
      };
    }),
  ),
  ...[aten.baddbmm, aten.addbmm].map((op) =>
    defineSample(op, (choose) => {
      const [b, m, k, n] = [extent(choose), extent(choose), extent(choose), extent(choose)];
      const { self, attrs } = added(choose, op === aten.addbmm ? [m, n] : [b, m, n]);
      return {
        operands: {
          self,
          batch1: slot("f32", [b, m, k], { values: "finite" }),
          batch2: slot("f32", [b, k, n], { values: "finite" }),
        },
        attrs,
      };
    }),
  ),
  defineSample(aten.addmv, (choose) => {
    const [m, k] = [extent(choose), extent(choose)];
    const { self, attrs } = added(choose, [m]);
    return {
      operands: { self, mat: slot("f32", [m, k], { values: "finite" }), vec: slot("f32", [k], { values: "finite" }) },
      attrs,
    };
  }),
  defineSample(aten.addr, (choose) => {
    const [m, n] = [extent(choose), extent(choose)];
    const { self, attrs } = added(choose, [m, n]);
    return {
      operands: { self, vec1: slot("f32", [m], { values: "finite" }), vec2: slot("f32", [n], { values: "finite" }) },
      attrs,
    };
  }),
  defineSample(aten.bilinear, (choose) => {
    const [a, b, outs, batch] = [extent(choose), extent(choose), extent(choose), batches(choose)];
    return {
      operands: {
        input1: slot("f32", [...batch, a], { values: "finite" }),
        input2: slot("f32", [...batch, b], { values: "finite" }),
        weight: slot("f32", [outs, a, b], { values: "finite" }),
        bias: choose.maybe(0.5) ? slot("f32", [outs]) : undefined,
      },
    };
  }),
  defineSample(aten.chainMatmul, (choose) => ({ operands: { matrices: drawChain(choose) } })),
  defineSample(aten.linalgMultiDot, (choose) => ({ operands: { tensors: drawChain(choose) } })),
  defineSample(aten.einsum, (choose) => {
    const letters = ["i", "j", "k", "l"];
    const extents = new Map(letters.map((l) => [l, choose.between(1, 4)]));
    const terms = Array.from({ length: choose.between(1, 2) }, () =>
      choose
        .permutation(4)
        .slice(0, choose.between(1, 3))
        .map((i) => letters[i]!),
    );
    const seen = [...new Set(terms.flat())];
    const out = choose
      .permutation(seen.length)
      .slice(0, choose.between(0, seen.length))
      .map((i) => seen[i]!);
    return {
      operands: {
        tensors: terms.map((t) =>
          slot(
            "f32",
            t.map((l) => extents.get(l)!),
            { values: "finite" },
          ),
        ),
      },
      attrs: { equation: `${terms.map((t) => t.join("")).join(",")}->${out.join("")}` },
    };
  }),
  defineSample(aten.tensordot, (choose) => {
    const shared = drawShape(choose, { maxRank: 2, maxExtent: 4 });
    const [a, b] = [drawShape(choose, { maxRank: 2, maxExtent: 4 }), drawShape(choose, { maxRank: 2, maxExtent: 4 })];
    const place = (own: readonly number[]) => {
      const order = choose.permutation(own.length + shared.length);
      const shape = order.map((i) => [...shared, ...own][i]!);
      return { shape, dims: shared.map((_, i) => order.indexOf(i)) };
    };
    const [left, right] = [place(a), place(b)];
    return {
      operands: {
        self: slot("f32", left.shape, { values: "finite" }),
        other: slot("f32", right.shape, { values: "finite" }),
      },
      attrs: { dims_self: left.dims, dims_other: right.dims },
    };
  }),
];
