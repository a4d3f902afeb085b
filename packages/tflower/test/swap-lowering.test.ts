import { fileURLToPath } from "node:url";
import { tfl } from "@tflower/backend-tflite";
import { type Compiler, defineLowering, type Plugin } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { expect, test } from "vitest";
import { convert, createCompiler } from "../src/index.ts";

const program = fileURLToPath(new URL("../../../examples/recall-transformer/recall_transformer.pt2", import.meta.url));
const opsOf = (m: { module: { graphs: readonly { nodes: Iterable<{ op: { name: string } }> }[] } }): string[] =>
  m.module.graphs.flatMap((g) => [...g.nodes].map((n) => n.op.name));
/** Lowering only, so that no pass turns one form into the other. */
const lowered = (compiler: Compiler) => convert(program, { compiler, pipeline: (p) => [...p.import, ...p.lower] });

test("without ops-aten's lowering of linear, a program with one is refused by that name", async () => {
  const compiler = createCompiler().withoutLowering(aten.linear);
  const error = await convert(program, { compiler }).catch((e) => e);
  expect(new Set(error.diagnostics.map((d: { op: string }) => d.op))).toEqual(new Set(["aten.linear"]));
});

test("a plugin's lowering of linear stands in for ops-aten's, through the public hooks alone", async () => {
  const asMatmul: Plugin = {
    name: "linear-as-matmul",
    apply(compiler) {
      compiler.withoutLowering(aten.linear);
      compiler.lower(
        defineLowering(aten.linear, ({ input, weight, bias }, _, emit) => {
          const product = emit(tfl.batchMatmul, { x: input, y: weight }, { adj_y: true });
          return bias ? emit(tfl.add, { lhs: product, rhs: bias }) : product;
        }),
      );
    },
  };
  const before = opsOf(await lowered(createCompiler()));
  const after = opsOf(await lowered(createCompiler().use(asMatmul)));
  const count = (ops: readonly string[], name: string): number => ops.filter((o) => o === name).length;
  expect(count(before, "tfl.fully_connected")).toBeGreaterThan(0);
  expect(count(after, "tfl.fully_connected")).toBe(0);
  expect(count(after, "tfl.batch_matmul") - count(before, "tfl.batch_matmul")).toBe(
    count(before, "tfl.fully_connected"),
  );
});

test("a higher benefit is tried first, and may decline", async () => {
  const tried: string[] = [];
  const curious: Plugin = {
    name: "curious",
    apply(compiler) {
      compiler.hooks.lower.for("aten.linear").tap("curious", (node) => {
        tried.push(node.op.name);
        return undefined as never;
      });
    },
  };
  await lowered(createCompiler().use(curious));
  expect(tried.length).toBeGreaterThan(0);
});
