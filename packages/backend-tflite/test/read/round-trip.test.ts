import { flattenOperands, isStaticShape, type Module, residentData, showType, verifyModule } from "@tflower/core";
import { describe, expect, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { inPrograms, moduleOf, opExamples } from "./op-examples.ts";
import { bytesOf, reread } from "./write-bytes.ts";

test("every builtin of the dialect has an example", () => {
  const have = new Set<string>([...opExamples.map((e) => e.op), ...inPrograms]);
  expect(Object.keys(tfl).filter((k) => !have.has(k))).toEqual([]);
});

/** What a module says of its nodes, but for names, and for extents that only a run gives: the file knows no symbols. */
const contentOf = (module: Module): unknown =>
  module.graphs.flatMap((g) =>
    [...g.nodes].map((n) => ({
      op: n.op.name,
      operands: Object.keys(n.operands_).map((k) => [
        k,
        flattenOperands({ k: n.operands_[k] }).map((v) => (v.constant ? residentData(v.constant) : typeText(v.type))),
      ]),
      attrs: JSON.parse(
        JSON.stringify(n.attrs, (_, v: unknown) =>
          typeof v === "object" && v !== null && "terms" in v ? "symbol" : v,
        ),
      ),
      results: n.results.map((r) => typeText(r.type)),
    })),
  );
const typeText = (t: Parameters<typeof showType>[0]): string =>
  isStaticShape(t.shape) ? showType(t) : `${t.dtype}, rank ${t.shape.length}`;

describe("module -> file -> module -> file", () => {
  test.each(opExamples.map((e, i) => [`${e.op} (${i})`, e] as const))("%s", async (_, example) => {
    const module = moduleOf(example);
    const bytes = await bytesOf(module);
    const again = reread(bytes);
    expect(verifyModule(again)).toEqual([]);
    expect(contentOf(again)).toEqual(contentOf(module));
    expect(await bytesOf(again)).toEqual(bytes);
  });
});
