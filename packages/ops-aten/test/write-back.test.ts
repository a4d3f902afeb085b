import { Module, Rewriter, runGraph, type TensorData, type Value } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { type Case, casesOf } from "./cases.ts";
import { reference } from "./lowered.ts";

/** The operand that a case is a view of. */
const baseName = (c: Case): string => c.op.traits.view?.operand ?? "";
const baseOf = (c: Case): TensorData => c.operands[baseName(c)] as TensorData;
const cases = casesOf("views").filter((c) => c.op.traits.writeBack && baseOf(c) && !Array.isArray(baseOf(c)));

/** `base` after its view has been set to `written`, by the op's own account of it. */
async function afterWrite(
  c: Case,
  base: TensorData,
  written: TensorData,
  result: number,
): Promise<TensorData | undefined> {
  const graph = new Module().graph("main");
  const rewriter = new Rewriter(graph);
  const inputs = { base: graph.input(base.type), written: graph.input(written.type) };
  const emit = (op: Parameters<Rewriter["create"]>[0], operands: object, attrs?: object): Value =>
    rewriter.create(op, operands as never, attrs as never).results[0]!;
  const operands = Object.fromEntries(
    Object.entries(c.operands).map(([k, v]) => [
      k,
      k === baseName(c) ? inputs.base : (v && graph.input((v as TensorData).type)) || undefined,
    ]),
  );
  const attrs: Record<string, unknown> = {};
  for (const [k, spec] of Object.entries(c.op.attrs as Readonly<Record<string, { default: unknown }>>))
    attrs[k] = c.attrs?.[k] ?? spec.default;
  const others = Object.entries(c.operands).flatMap(([k, v]) => (k === baseName(c) || !v ? [] : [v as TensorData]));
  const next = c.op.traits.writeBack!({
    base: inputs.base,
    operands,
    attrs,
    result,
    written: inputs.written,
    emit,
  } as never);
  if (!next) return undefined;
  graph.outputs = [next];
  return (await runGraph(graph, [base, written, ...others]))[0]!;
}
/** The same shape with other elements. */
const changed = (x: TensorData): TensorData => ({
  type: x.type,
  data: x.data.map(
    (v: number | bigint) => (typeof v === "bigint" ? v + 100n : x.type.dtype === "bool" ? 1 - v : v + 100) as never,
  ),
});
const overlaps = (c: Case): boolean =>
  c.op.name === "aten.as_strided" && ((c.attrs?.["stride"] as number[] | undefined) ?? []).includes(0);

describe("writing through a view", () => {
  test.each(cases.filter((c) => !overlaps(c)).map((c) => [c.name, c] as const))("%s", async (_, c) => {
    const base = baseOf(c);
    for (const [i, view] of c.expected.entries()) {
      const same = await afterWrite(c, base, view, i);
      if (!same) {
        // what repeats elements cannot be written
        expect(view.data.length).not.toBe(base.data.length);
        continue;
      }
      // what the view already holds changes nothing
      expect(same).toEqual(base);
      // what is written is read back, and nothing else has changed
      const written = changed(view);
      const after = (await afterWrite(c, base, written, i))!;
      const views = await reference({ ...c, operands: { ...c.operands, [baseName(c)]: after } });
      expect(views[i]).toEqual(written);
      const touched = Array.from(after.data, (v, k) => v !== base.data[k]).filter(Boolean).length;
      if (view.type.dtype === base.type.dtype) expect(touched).toBe(view.data.length);
    }
  });
  test("covers every kind of view", () => {
    expect(new Set(cases.map((c) => c.op.name)).size).toBeGreaterThan(30);
  });
});
