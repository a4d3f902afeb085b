import { CompileError } from "@tflower/core";
import { expect } from "vitest";
import type { ImportCode } from "../../src/import/import-codes.ts";
import type { ReadCode } from "../../src/import-error.ts";

/** Asserts that `run` fails with one diagnostic of `code`, which has a help line and a message that matches. */
export async function expectCode(
  code: ReadCode | ImportCode,
  run: () => unknown,
  ...patterns: readonly RegExp[]
): Promise<void> {
  let thrown: unknown;
  try {
    await run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(CompileError);
  const { diagnostics } = thrown as CompileError;
  const [first] = diagnostics;
  expect(diagnostics.map((d) => d.code)).toContain(code);
  expect(first!.help).toBeTruthy();
  expect(first!.message.split("\n")).toHaveLength(1);
  for (const pattern of patterns)
    expect(diagnostics.map((d) => `${d.message} | ${d.help}`).join("\n")).toMatch(pattern);
}
