import {
  type AppliedConstant,
  Compiler,
  type Constant,
  eliminateDeadCode,
  foldConstants,
  parseModule,
  residentData,
  runPasses,
  showType,
  type Value,
} from "@tflower/core";
import { expect, test } from "vitest";
import { tflitePlugin } from "../../src/index.ts";
import { settleIntegerWeights } from "../../src/passes/settle-integer-weights.ts";

const compiler = new Compiler().use(tflitePlugin());

/** The filter of the last layer: the type of the integers that it is made of, and its elements. */
async function filterOf(body: string, inner: number) {
  const text = `signature "serving_default" = @main\ngraph @main(%x: f32[1,${inner}]) {\n${body}\n  return %y\n}`;
  const module = parseModule(text, compiler.knownOps);
  const before = filter(module.find("main")!.outputs[0]!);
  await runPasses(module, [foldConstants(), eliminateDeadCode()], compiler);
  const folded = residentData(filter(module.find("main")!.outputs[0]!)!)!;
  await runPasses(module, [settleIntegerWeights()], compiler);
  const constant = filter(module.find("main")!.outputs[0]!) as AppliedConstant;
  expect(before).toBeUndefined();
  expect(residentData(constant)).toEqual(folded);
  const integers = constant.op.traits.quantizer === "dequantize" ? (constant.operands["input"] as Constant) : undefined;
  return integers && { type: showType(integers.type), codes: [...residentData(integers)!.data].map(Number) };
}
const filter = (v: Value): Constant | undefined => (v.producer!.operands_["filter"] as Value).constant;

test("integers are found again behind moves and scales, their axis with them", async () => {
  const made = await filterOf(
    `  %w = const [1, -2, 3, 4, 5, 6] : i8[3,2]<{0.5:0,0.25:0}@1>
  %k = const [2.0, 4.0] : f32[2,1]
  %0 = tfl.dequantize(%w) : f32[3,2]
  %1 = tfl.transpose(%0) {perm = [1, 0]} : f32[2,3]
  %2 = tfl.mul(%1, %k) : f32[2,3]
  %y = tfl.fully_connected(%x, %2, none) : f32[1,2]`,
    3,
  );
  expect(made).toEqual({ type: "i8[2,3]<{1:0,1:0}@0>", codes: [1, 3, 5, -2, 4, 6] });
});

test("bytes that are cast have a scale of 1", async () => {
  const made = await filterOf(
    `  %w = const [1, -2, 3, 4, 5, 6] : i8[2,3]
  %k = const [0.5, 0.25] : f32[2,1]
  %0 = tfl.cast(%w) {out_data_type = "f32"} : f32[2,3]
  %1 = tfl.mul(%0, %k) : f32[2,3]
  %y = tfl.fully_connected(%x, %1, none) : f32[1,2]`,
    3,
  );
  expect(made).toEqual({ type: "i8[2,3]<{0.5:0,0.25:0}@0>", codes: [1, -2, 3, 4, 5, 6] });
});

test("an axis that is split and joined again", async () => {
  const made = await filterOf(
    `  %w = const [1, -2, 3, 4, 5, 6, 7, 8] : i8[4,2]<{0.5:0,0.25:0,1:0,2:0}@0>
  %0 = tfl.dequantize(%w) : f32[4,2]
  %1 = tfl.reshape(%0) {shape = [2, 2, 2]} : f32[2,2,2]
  %2 = tfl.transpose(%1) {perm = [1, 0, 2]} : f32[2,2,2]
  %3 = tfl.reshape(%2) {shape = [4, 2]} : f32[4,2]
  %y = tfl.fully_connected(%x, %3, none) : f32[1,4]`,
    2,
  );
  expect(made).toEqual({ type: "i8[4,2]<{0.5:0,1:0,0.25:0,2:0}@0>", codes: [1, -2, 5, 6, 3, 4, 7, 8] });
});

test("parts, parts put together, and zeros behind them", async () => {
  const made = await filterOf(
    `  %v = const [1, -2, 3, 4] : i8[2,2]<0.5:0>
  %w = const [1, -2, 3, 4, 5, 6, 7, 8] : i8[4,2]<{0.5:0,0.25:0,1:0,2:0}@0>
  %0 = tfl.dequantize(%w) : f32[4,2]
  %1 = tfl.slice(%0) {begin = [1, 0], size = [2, 2]} : f32[2,2]
  %2 = tfl.dequantize(%v) : f32[2,2]
  %3 = tfl.concatenation((%1, %2)) {axis = 0} : f32[4,2]
  %4 = tfl.pad(%3, none) {paddings = [0, 1, 0, 0]} : f32[5,2]
  %y = tfl.fully_connected(%x, %4, none) : f32[1,5]`,
    2,
  );
  expect(made).toEqual({
    type: "i8[5,2]<{0.25:0,1:0,0.5:0,0.5:0,0.5:0}@0>",
    codes: [3, 4, 5, 6, 1, -2, 3, 4, 0, 0],
  });
});

test("blocks stay blocks when rows are scaled, and when whole blocks are taken", async () => {
  const made = await filterOf(
    `  %w = const [1, -2, 3, 4, 5, 6, 7, -8] : i4[2,4]<{0.5:0,0.25:0,1:0,2:0}/2>
  %k = const [2.0, 4.0] : f32[2,1]
  %0 = tfl.dequantize(%w) : f32[2,4]
  %1 = tfl.mul(%0, %k) : f32[2,4]
  %2 = tfl.slice(%1) {begin = [0, 2], size = [2, 2]} : f32[2,2]
  %y = tfl.fully_connected(%x, %2, none) : f32[1,2]`,
    2,
  );
  // one block to a row is a scale for each row
  expect(made).toEqual({ type: "i4[2,2]<{0.5:0,8:0}@0>", codes: [3, 4, 7, -8] });
});

test("scaled along both axes, or below zero, they are floats", async () => {
  const scaled = (k: string): Promise<unknown> =>
    filterOf(
      `  %w = const [1, -2, 3, 4, 5, 6] : i8[2,3]<{0.5:0,0.25:0}@0>
  %k = const ${k}
  %0 = tfl.dequantize(%w) : f32[2,3]
  %1 = tfl.mul(%0, %k) : f32[2,3]
  %y = tfl.fully_connected(%x, %1, none) : f32[1,2]`,
      3,
    );
  expect(await scaled("[2.0, 3.0, 4.0] : f32[1,3]")).toBeUndefined();
  expect(await scaled("[-2.0, 3.0] : f32[2,1]")).toBeUndefined();
});
