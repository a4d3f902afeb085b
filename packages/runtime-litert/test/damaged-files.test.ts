import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { LiteRtError, loadModel } from "../src/index.ts";
import { fixture } from "./fixture.ts";

const edits = fc.array(fc.record({ at: fc.nat(1999), value: fc.integer({ min: 0, max: 255 }) }), {
  minLength: 1,
  maxLength: 3,
});
const names = fc.constantFrom("order", "loop", "counter", "dynamic", "two-signatures");

test.prop([names, edits, fc.option(fc.nat(1999))], { numRuns: 150 })(
  "a damaged file loads or is refused with a code, and nothing else",
  async (name, changes, cut) => {
    const bytes = new Uint8Array(await fixture(name));
    for (const { at, value } of changes) bytes[at % bytes.length] = value;
    const outcome = await loadModel(cut === null ? bytes : bytes.subarray(0, cut % bytes.length)).catch(
      (e: unknown) => e,
    );
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(LiteRtError);
    else (outcome as Awaited<ReturnType<typeof loadModel>>).dispose();
  },
);
