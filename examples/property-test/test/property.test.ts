import { checkLowering, equivalent } from "@tflower/testing";
import { expect, test } from "vitest";
import { plainConv2d } from "../planted-bug.ts";

// the whole proof is this line: random applications of the op, compared with its reference semantics
test("the lowering computes what PyTorch computes", equivalent(plainConv2d(false)), 60_000);

test("a planted bug is caught, and comes back as a small program to paste into a test", async () => {
  const report = await checkLowering(plainConv2d(true));
  expect(report.counterexample).toBeDefined();
  await expect(equivalent(plainConv2d(true))()).rejects.toThrow(/aten\.conv2d/);
}, 60_000);
