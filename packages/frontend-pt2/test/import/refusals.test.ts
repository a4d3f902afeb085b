import { defineOp, memorySource, operand, tensor } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { readPt2 } from "../../src/read-pt2.ts";
import { expectCode } from "../support/expect-code.ts";
import { imported, newCompiler, program, refused } from "../support/imported.ts";
import { editProgram } from "../support/rewrite-archive.ts";

/** Imports small.pt2 with its model.json edited by hand. */
const edited = async (edit: (graph: any) => void) =>
  imported(
    await readPt2(
      memorySource(
        "small.pt2",
        await editProgram("small.pt2", (json) => {
          edit(json.graph_module.graph);
          return json;
        }),
      ),
    ),
  );
const inputOf = (node: any, name: string): any => node.inputs.find((i: any) => i.name === name).arg.as_tensor;

describe("a model.json edited by hand is refused in a paragraph that names the file and the part", () => {
  test("a name that nothing defines", async () => {
    await expectCode(
      "IMP0108",
      () => edited((g) => (inputOf(g.nodes[1], "self").name = "nobody")),
      /small\.pt2: models\/model\.json: node "mul": it reads "nobody", which nothing in the graph defines/,
      /export the program again/,
    );
  });
  test("a circle", async () => {
    await expectCode(
      "IMP0108",
      () => edited((g) => (inputOf(g.nodes[0], "input").name = "add")),
      /node "linear": it reads "add", which only a later node defines \("add"\): the nodes are out of order, or go in a circle/,
    );
  });
  test("a node that reads itself", async () => {
    await expectCode(
      "IMP0108",
      () => edited((g) => (inputOf(g.nodes[1], "self").name = "mul")),
      /node "mul": it reads "mul", which only a later node/,
    );
  });
  test("nodes out of order", async () => {
    await expectCode(
      "IMP0108",
      () => edited((g) => g.nodes.reverse()),
      /node "add": it reads "mul", which only a later node/,
    );
  });
  test("an output that nothing defines", async () => {
    await expectCode(
      "IMP0108",
      () => edited((g) => (g.nodes.length = 1)),
      /small\.pt2: models\/model\.json: output "output": it reads "add", which nothing in the graph defines/,
    );
  });
  test("a name defined twice, by nodes or by an input", async () => {
    const twice = /models\/model\.json: node "mul": it defines "linear", which is defined already/;
    await expectCode("IMP0109", () => edited((g) => (g.nodes[1].outputs[0].as_tensor.name = "linear")), twice);
    await expectCode(
      "IMP0109",
      () => edited((g) => (g.nodes[0].outputs[0].as_tensor.name = "x")),
      /it defines "x", which is defined already/,
    );
  });
  test("a result without a type", async () => {
    await expectCode(
      "IMP0108",
      () => edited((g) => delete g.tensor_values.mul),
      /node "mul": the graph does not state the type of "mul"/,
    );
  });
  test("an input without a type", async () => {
    await expectCode(
      "IMP0108",
      () => edited((g) => delete g.tensor_values.x),
      /input "x": the graph does not state the type of "x"/,
    );
  });
  test("a result of another type than the op gives", async () => {
    await expectCode(
      "IMP0101",
      () => edited((g) => (g.tensor_values.mul.sizes[0].as_int = 3)),
      /"aten\.mul\.Tensor" result 0 is f32\[3\] in the program, but tflower infers f32\[2\]/,
    );
  });
  test("several problems come at once, and what follows from one is not another", async () => {
    const found = await edited((g) => {
      inputOf(g.nodes[0], "input").name = "nobody";
      inputOf(g.nodes[2], "other").name = "nothing";
    }).then(
      () => [],
      (e) => e.diagnostics,
    );
    expect(found.map((d: { message: string }) => /node "(\w+)"/.exec(d.message)?.[1])).toEqual(["linear", "add"]);
  });
});

describe("ops that no dialect declares", () => {
  test("are kept by name, with their types, lines and modules", async () => {
    const { graph } = await imported("unknown-ops");
    const strange = [...graph.nodes].filter((n) => n.op.traits.opaque);
    expect(strange.map((n) => n.op.name)).toEqual(["strange.swirl", "strange.pair", "strange.swirl"]);
    expect(strange.map((n) => n.locations[0]?.frames?.().at(-1))).toEqual(
      strange.map(() =>
        expect.objectContaining({ file: expect.stringMatching(/make_imports\.py$/), line: expect.any(Number) }),
      ),
    );
    expect(strange[0]!.attrs).toEqual({ strength: 0.5, mode: "left" });
    expect(strange[1]!.inputs).toHaveLength(2);
    expect(strange[1]!.results.map((r) => r.type)).toEqual([tensor("f32", [3, 4]), tensor("f32", [3, 4])]);
    for (const n of strange) expect(n.op.traits.effects).toBe(true);
  });
  test("are known once a plugin declares them", async () => {
    const compiler = newCompiler().ops([
      defineOp("strange.pair", {
        summary: "",
        operands: { xs: operand.variadic(operand.tensor), bias: operand.optional(operand.tensor) },
        infer: ({ xs }) => xs,
      }),
    ]);
    const { graph } = await imported("unknown-ops", compiler);
    expect([...graph.nodes].filter((n) => n.op.traits.opaque).map((n) => n.op.name)).toEqual([
      "strange.swirl",
      "strange.swirl",
    ]);
  });
  test("whose declaration does not fit are refused where they are used", async () => {
    const compiler = newCompiler().ops([defineOp("strange.pair", { summary: "", operands: { xs: operand.tensor } })]);
    const [d] = await refused("unknown-ops", compiler);
    expect(d!.message).toMatch(/node "pair"/);
  });
});

test("a program keeps its torch version", async () => {
  expect((await imported("lists")).module.metadata.get("torch_version")).toMatch(/^2\.\d+/);
});

test("a name of another program's graph is free to use", async () => {
  const { module } = await imported("loops-and-branches");
  expect(new Set(module.graphs.map((g) => g.name)).size).toBe(module.graphs.length);
  expect((await program("loops-and-branches")).graph.nodes.length).toBeGreaterThan(0);
});
