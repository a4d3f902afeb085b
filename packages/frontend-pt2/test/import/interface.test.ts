import { describe, expect, test } from "vitest";
import { importProgram } from "../../src/import/import-program.ts";
import type { OutputSpec } from "../../src/schema/exported-program.ts";
import { expectCode } from "../support/expect-code.ts";
import { imported, newCompiler, program } from "../support/imported.ts";

test("tensors keep their order, also those that nobody reads; None and numbers leave it", async () => {
  expect((await imported("interface")).text).toMatchInlineSnapshot(`
    "graph @main(%first: f32[3,4], %unused: i64[2], %last: f32[2]) {
      %c0 = const [3.0] : f32[]
      %mul = aten.mul.Tensor(%first, %c0) : f32[3,4]
      %table = const [9.0, -7.0, 0.0, 7.0] : f32[4]
      return %mul as "y", %last as "input", %table as "constant", %mul as "again.0", %unused as "again.1"
    }"
  `);
});

test("a number that stays symbolic is no input", async () => {
  await expectCode(
    "IMP0103",
    () => imported("size-input"),
    /imports\.pt2: models\/size-input\.json: input "args_1": .*symbolic/,
    /tensor/,
  );
});

describe("what a .tflite has nothing for", () => {
  test("objects and tokens as inputs", async () => {
    const p = await program("interface");
    const inputs = [
      ...p.signature.inputs,
      { kind: "customObject" as const, name: "obj", fqn: "obj", classFqn: "some.Class" },
      { kind: "token" as const, name: "token" },
    ];
    await expectCode(
      "IMP0104",
      () => imported({ ...p, signature: { ...p.signature, inputs } }),
      /custom object \(some\.Class\)/,
      /token of an effectful op/,
    );
  });
  test("truth values and floats as outputs", async () => {
    const p = await program("interface");
    const outputs = [
      ...p.signature.outputs,
      { kind: "userOutput" as const, arg: { kind: "symBool" as const, name: "b" } },
    ];
    await expectCode(
      "IMP0105",
      () => imported({ ...p, signature: { ...p.signature, outputs } }),
      /output "output_\d+": it is a symBool/,
    );
  });
  test("gradients", async () => {
    const p = await program("interface");
    const outputs: OutputSpec[] = [...p.signature.outputs, { kind: "gradientToParameter", name: "mul", fqn: "table" }];
    await expectCode(
      "IMP0113",
      () => imported({ ...p, signature: { ...p.signature, outputs } }),
      /gradients/,
      /without its loss/,
    );
  });
  test("a truth value as an input of a branch", async () => {
    const p = await program("branch-with-size");
    const nodes = p.graph.nodes.map((n) => ({
      ...n,
      inputs: n.inputs.map((i) =>
        i.arg.kind === "graph"
          ? {
              ...i,
              arg: {
                ...i.arg,
                graph: { ...i.arg.graph, inputs: [{ kind: "symBool" as const, name: "b" }, ...i.arg.graph.inputs] },
              },
            }
          : i,
      ),
    }));
    await expectCode(
      "IMP0106",
      () => imported({ ...p, graph: { ...p.graph, nodes } }),
      /graph "true_graph_0": input 0: it is a symBool/,
    );
  });
});

test("a loss is an output like others", async () => {
  const p = await program("interface");
  const outputs: OutputSpec[] = [{ kind: "lossOutput", name: "mul" }];
  const { graph } = await imported({ ...p, signature: { ...p.signature, outputs } });
  expect(graph.outputs.map((v) => v.name)).toEqual(["mul"]);
});

test("a mutation that the signature states becomes state from the start", async () => {
  const p = await program("interface");
  const outputs: OutputSpec[] = [
    { kind: "bufferMutation", name: "b_table", fqn: "table" },
    { kind: "userInputMutation", name: "mul", input: "first" },
    { kind: "userOutput", arg: { kind: "tensor", name: "b_table" } },
  ];
  const { graph } = await imported({ ...p, signature: { ...p.signature, outputs } });
  expect(graph.states.map((s) => [s.name, s.next === s.value, graph.outputs[0] === s.value])).toEqual([
    ["table", true, true],
  ]);
  expect(graph.inputMutations.map((m) => [m.input.name, m.next.name])).toEqual([["first", "mul"]]);
});

test("a mutation that changes the type is refused", async () => {
  const p = await program("interface");
  const outputs: OutputSpec[] = [{ kind: "bufferMutation", name: "mul", fqn: "table" }];
  await expectCode(
    "IMP0100",
    () => imported({ ...p, signature: { ...p.signature, outputs } }),
    /state "table" is f32\[4\], and the program leaves f32\[3,4\] in it/,
  );
});

test("programs of one module that name symbols alike keep the wider range", async () => {
  const compiler = newCompiler();
  const a = await program("size-outputs");
  const [name] = a.rangeConstraints.keys();
  const module = await importProgram(a, compiler, { name: "a" });
  await importProgram({ ...a, rangeConstraints: new Map([[name!, { min: 7, max: 200 }]]) }, compiler, {
    name: "b",
    module,
  });
  expect(module.symbols.get(name!)).toEqual({ min: 2, max: 200 });
  expect(module.signatures).toEqual([
    { key: "a", graph: "a" },
    { key: "b", graph: "b" },
  ]);
});

test("what reading assumed is passed on", async () => {
  const p = await program("interface");
  const { said } = await imported({ ...p, warnings: ["the schema is newer"] });
  expect(said.map((d) => `${d.severity} ${d.code} ${d.message}`)).toEqual(["warning IMP0102 the schema is newer"]);
});
