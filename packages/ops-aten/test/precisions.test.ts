import { describe, test } from "vitest";
import { casesOf } from "./cases.ts";
import { within } from "./close.ts";
import { reference } from "./lowered.ts";

// what is narrower than float32 is rounded by PyTorch from float32, here from double: a tie may fall the other way
const near = within(2 ** -7, 1e-7);
const exact = within(1e-6, 1e-7);

describe("reference semantics in other precisions", () => {
  test.each(casesOf("precisions").map((c) => [c.name, c] as const))("%s", async (_, c) => {
    const narrow = c.expected.some((t) => t.type.dtype === "bf16" || t.type.dtype === "f16");
    (narrow ? near : exact)(await reference(c), c.expected);
  });
});
