import { tfl } from "@tflower/backend-tflite";
import { Compiler, defineLowering, defineOp, operand, parseModule, reject } from "@tflower/core";
import { aten, atenLowerings, atenPlugin } from "@tflower/ops-aten";
import { describe, expect, test } from "vitest";
import {
  checkLowering,
  checkMutants,
  EquivalenceError,
  equivalent,
  noticesFlippedAxes,
  slot,
  valueMutants,
} from "../src/index.ts";
import { lowerSquarePlus, mine, squarePlus, wrong } from "./lowerings.ts";

const built = (name: string) => atenLowerings().find((l) => l.name === name)!;

describe("equivalent", () => {
  test(
    "a right lowering passes",
    equivalent(
      defineLowering(aten.relu, ({ self }, _, emit) =>
        self.type.dtype === "f32" ? emit(tfl.relu, { input: self }) : reject("floats only"),
      ),
    ),
  );
  test("an op of one's own needs nothing but its declaration", equivalent(lowerSquarePlus, { plugins: [mine] }));
  test(
    "the same, after optimizing and on LiteRT",
    equivalent(lowerSquarePlus, { plugins: [mine], runtime: true, runs: 20 }),
  );
  test("built-in ones hold on LiteRT", equivalent(built("aten.conv2d"), { runtime: true, runs: 20 }));

  describe.each(wrong)("catches %s", (_, lowering) => {
    test("and ends with one node", async () => {
      const { counterexample } = await checkLowering(lowering);
      expect(counterexample).toBeDefined();
      const statements = counterexample!.ir.split("\n").filter((l) => /^ {2}%/.test(l) && !l.includes(" const "));
      expect(statements).toHaveLength(1);
      // what fails on so few elements can be looked at
      const elements = counterexample!.ir
        .split("\n")
        .filter((l) => l.startsWith("// in: "))
        .flatMap((l) => l.split(","));
      expect(elements.length).toBeLessThanOrEqual(24);
    });
  });

  test("a failure shows the program, what it was lowered to, and the numbers", async () => {
    const failure = await equivalent(wrong[0]![1])().catch((e: unknown) => e as EquivalenceError);
    expect(failure).toBeInstanceOf(EquivalenceError);
    expect((failure as EquivalenceError).message).toMatch(
      /is wrong \(seed \d+\)[\s\S]*\/\/ in: \[[\s\S]*aten\.relu[\s\S]*lowered to:[\s\S]*tfl\.relu6[\s\S]*expected:[\s\S]*got:/,
    );
  });
  test("the program it shows is a module that parses", async () => {
    const { counterexample } = await checkLowering(wrong[0]![1]);
    const compiler = new Compiler().use(atenPlugin());
    expect([...parseModule(counterexample!.ir, compiler.knownOps).find("main")!.nodes].map((n) => n.op.name)).toEqual([
      "aten.relu",
    ]);
  });

  test("a lowering that declines everything proves nothing", async () => {
    const shy = defineLowering(aten.relu, () => reject("is shy"));
    await expect(equivalent(shy, { runs: 10 })()).rejects.toThrow(/nothing is proven[\s\S]*10x is shy/);
  });
  test("one that emits what nothing lowers is declined, with the reason", async () => {
    const lost = defineOp("mine.lost", { summary: "Lost.", operands: { x: operand.tensor }, infer: ({ x }) => x });
    const away = defineLowering(squarePlus, ({ x }, _, emit) => emit(lost, { x }));
    await expect(equivalent(away, { runs: 3, plugins: [mine] })()).rejects.toThrow(
      /what it emits is refused: no lowering for "mine.lost"/,
    );
  });
  test("one that throws, or that changes a type, is wrong", async () => {
    const throws = defineLowering(squarePlus, () => {
      throw new Error("oops");
    });
    await expect(equivalent(throws, { plugins: [mine] })()).rejects.toThrow(/oops/);
    const integers = defineLowering(squarePlus, ({ x }, _, emit) =>
      emit(tfl.cast, { input: x }, { out_data_type: "i32" }),
    );
    await expect(equivalent(integers, { plugins: [mine] })()).rejects.toThrow(/changed result 0 from f32\[.*\] to i32/);
  });
  test("an op without reference semantics is refused", async () => {
    const mute = defineOp("mine.mute", { summary: "Mute.", operands: { x: operand.tensor }, infer: ({ x }) => x });
    await expect(equivalent(defineLowering(mute, ({ x }) => x))()).rejects.toThrow(/has no reference semantics/);
  });
  test("a sample of one's own decides what is drawn", async () => {
    const report = await checkLowering(lowerSquarePlus, {
      plugins: [mine],
      runs: 10,
      sample: () => ({ operands: { x: slot("f32", [2]) }, attrs: { by: 0 } }),
    });
    expect(report).toMatchObject({ compared: 10, ranOnRuntime: 0, threw: new Map() });
  });
  test("the same seed gives the same counterexample", async () => {
    const [a, b, c] = await Promise.all(
      [7, 7, 8].map(async (seed) => (await checkLowering(wrong[2]![1], { seed, shrinkFor: 0 })).counterexample?.ir),
    );
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });
});

describe("noticesFlippedAxes", () => {
  test.each(["aten.conv2d", "aten.avg_pool2d", "aten.permute", "aten.softmax.int", "aten.constant_pad_nd", "aten.cat"])(
    "%s tells axes apart",
    (name) => noticesFlippedAxes(built(name), { runs: 60 })(),
  );
  test.each(["aten.sub.Tensor", "aten.layer_norm", "aten.narrow", "aten.addmm"])(
    "%s tells operands, numbers and places apart",
    async (name) => {
      const reports = await checkMutants(built(name), valueMutants, { runs: 60 });
      expect(reports.filter((r) => r.made > 0).length).toBeGreaterThan(0);
      // a ReLU makes no difference where results are above zero anyway
      expect(reports.filter((r) => r.made > 0 && !r.noticed && !r.mutant.includes("activation"))).toEqual([]);
    },
  );
  test("it says so when a generator draws axes alike", async () => {
    const square = (n: number) => [n, n];
    const alike = noticesFlippedAxes(built("aten.conv2d"), {
      runs: 30,
      sample: (choose) => ({
        operands: {
          input: slot("f32", [1, 2, 5, 5]),
          weight: slot("f32", [2, 2, ...square(choose.between(1, 3))], { constant: true }),
          bias: undefined,
        },
        attrs: { stride: square(choose.between(1, 2)), padding: square(choose.between(0, 1)) },
      }),
    });
    // the perms of a square kernel, too, may change places and nobody sees more than other numbers
    await expect(alike()).resolves.toBeUndefined();
  });
  test("a lowering without axes has nothing to flip", async () => {
    await expect(noticesFlippedAxes(lowerSquarePlus, { plugins: [mine], runs: 5 })()).rejects.toThrow(
      /emits nothing that any of these mistakes could change/,
    );
  });
});
