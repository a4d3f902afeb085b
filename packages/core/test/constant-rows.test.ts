import { expect, test } from "vitest";
import {
  appliedConstant,
  type Constant,
  constantChunks,
  constantRows,
  dataConstant,
  defineOp,
  leafConstant,
  loadConstant,
  memorySource,
  operand,
  tensor,
  tensorData,
  wrap,
} from "../src/index.ts";

const sum = defineOp("test.sum", {
  summary: "Sum, broadcast.",
  operands: { x: operand.tensor, y: operand.tensor },
  traits: { elementwise: true },
  infer: ({ x }) => x,
  evaluate: ({ x, y }, _, [type]) =>
    wrap(
      type!,
      (x.data as Float32Array).map((v, i) => v + (y.data as Float32Array)[i % y.data.length]!),
    ),
});
const turn = defineOp("test.turn", {
  summary: "Transposed, not by rows.",
  operands: { x: operand.tensor },
  infer: ({ x }) => x,
  evaluate: ({ x }) => x,
});
const range = (rows: number, columns: number): Constant =>
  dataConstant(
    tensorData(
      "f32",
      [rows, columns],
      Array.from({ length: rows * columns }, (_, i) => i),
    ),
  );

test("rows of what is in memory, in a file, or computed element by element", async () => {
  const bytes = new Uint8Array(new Float32Array([9, 9, 0, 1, 2, 3, 4, 5]).buffer);
  const leaf = leafConstant(tensor("f32", [3, 2]), memorySource("f", bytes), {
    offset: 4,
    length: 28,
    storageOffset: 1,
  });
  const row = dataConstant(tensorData("f32", [1, 2], [10, 20]));
  const both = appliedConstant(sum, { x: leaf, y: row }, {}, leaf.type);
  for (const c of [range(3, 2), leaf, both]) {
    const all = await loadConstant(c);
    const two = await loadConstant(constantRows(c, 1, 2)!);
    expect(two.type.shape).toEqual([2, 2]);
    expect([...(two.data as Float32Array)]).toEqual([...(all.data as Float32Array)].slice(2));
  }
});

test("what is not computed by rows has none", () => {
  const c = appliedConstant(turn, { x: range(3, 2) }, {}, tensor("f32", [3, 2]));
  expect(constantRows(c, 0, 1)).toBeUndefined();
  expect(constantRows(appliedConstant(sum, { x: c, y: range(3, 2) }, {}, c.type), 0, 1)).toBeUndefined();
});

test("the pieces of a large constant are its bytes", async () => {
  const [rows, columns] = [5000, 1000];
  const large = range(rows, columns);
  const c = appliedConstant(sum, { x: large, y: dataConstant(tensorData("f32", [1], [1])) }, {}, large.type);
  let [at, pieces] = [0, 0];
  for await (const piece of constantChunks(c)) {
    const values = new Float32Array(piece.slice().buffer);
    expect(values[0]).toBe(at + 1);
    expect(values.at(-1)).toBe(at + values.length);
    at += values.length;
    pieces++;
  }
  expect(at).toBe(rows * columns);
  expect(pieces).toBeGreaterThan(1);
});
