import { describe, expect, test } from "vitest";
import {
  appliedConstant,
  type Constant,
  dataConstant,
  defineOp,
  loadConstant,
  operand,
  residentData,
  type TensorData,
  tensor,
  tensorData,
} from "../src/index.ts";

let calls = 0;
const sum = defineOp("count.sum", {
  summary: "Adds, and counts how often it does.",
  operands: { a: operand.tensor, b: operand.tensor },
  infer: ({ a }) => a,
  evaluate({ a, b }): TensorData {
    calls++;
    return tensorData(
      "f32",
      a.type.shape,
      Array.from(a.data as Float32Array, (v, i) => v + (b.data[i] as number)),
    );
  },
});

/** A constant each of whose parts reads the part before it twice. `size` elements: large ones are not kept. */
function doublings(size: number, depth: number): Constant {
  const type = tensor("f32", [size]);
  let c: Constant = dataConstant(tensorData("f32", [size], new Float32Array(size).fill(1)));
  for (let i = 0; i < depth; i++) c = appliedConstant(sum, { a: c, b: c }, {}, type);
  return c;
}

describe.each([4, 600_000])("parts of a constant of %i elements that are read twice", (size) => {
  const depth = size > 4 ? 5 : 60;
  test.each<[string, (c: Constant) => TensorData | undefined | Promise<TensorData>]>([
    ["in memory", residentData],
    ["loaded", loadConstant],
  ])("are computed once: %s", async (_, read) => {
    const c = doublings(size, depth);
    calls = 0;
    const data = await read(c);
    expect(data!.data[size - 1]).toBe(2 ** depth);
    expect(calls).toBe(depth);
  });
  test("do not double the key", () => {
    expect(doublings(size, depth).key.length).toBeLessThan(300);
    expect(doublings(4, 60).key).toBe(doublings(4, 60).key);
    expect(doublings(4, 60).key).not.toBe(doublings(4, 59).key);
  });
});
