import { type Constant, loadConstant } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { readPt2 } from "../../src/read-pt2.ts";
import type { ExportNode } from "../../src/schema/exported-program.ts";
import { expectCode } from "../support/expect-code.ts";
import { fixture } from "../support/fixture.ts";
import { imported, program, refused } from "../support/imported.ts";

const constantsOf = async (name: string): Promise<ReadonlyMap<string, Constant>> => {
  const { graph } = await imported(name);
  const values = [...graph.nodes].flatMap((n) => n.inputs).filter((v) => v.constant && v.name);
  return new Map(values.map((v) => [v.name!, v.constant!]));
};

test("large constants stay in the file, small ones and integers are read", async () => {
  const all = await constantsOf("constants");
  expect(Object.fromEntries([...all].map(([k, c]) => [k, c.kind]))).toEqual({
    large: "leaf",
    indices: "data",
    small: "data",
    turned: "data",
    spread: "data",
    last: "data",
    plain: "data",
    lifted_tensor_0: "data",
  });
});

test("tied weights are one value", async () => {
  const { graph } = await imported("constants");
  const small = [...graph.nodes].filter((n) => n.op.name === "aten.add.Tensor").map((n) => n.inputs[1]!);
  expect(small[0]!.name).toBe("small");
  expect(small[1]).toBe(small[0]);
});

test("strides are read as they are", async () => {
  const all = await constantsOf("constants");
  const [turned, spread] = await Promise.all(["turned", "spread"].map((k) => loadConstant(all.get(k)!)));
  const first = Array.from({ length: 12 }, (_, i) => ((((i * 7 - 5) % 23) + 23) % 23) - 9);
  expect(Array.from(turned!.data)).toEqual([0, 1, 2].flatMap((r) => [0, 1, 2, 3].map((c) => first[c * 3 + r])));
  expect(Array.from(spread!.data)).toEqual([...first.slice(0, 4), ...first.slice(0, 4), ...first.slice(0, 4)]);
});

test("tensors that share memory are constants of their own as long as nobody writes", async () => {
  expect([...(await constantsOf("overlapping-read")).keys()].sort()).toEqual(["head", "tail"]);
});

test("and views of one constant otherwise", async () => {
  expect((await imported("overlapping-written")).text).toMatchInlineSnapshot(`
    "graph @main(%x: f32[3]) {
      %"head+tail" = const ... : f32[12]
      %0 = aten.as_strided(%"head+tail") {size = [8], stride = [1], storage_offset = 0} : f32[8]
      %1 = aten.as_strided(%"head+tail") {size = [2, 4], stride = [1, 2], storage_offset = 4} : f32[2,4]
      %slice_1 = aten.slice.Tensor(%0) {start = 5, end = 9007199254740991} : f32[3]
      %add_ = aten.add_.Tensor(%slice_1, %x) : f32[3]
      %c2 = const [2.0] : f32[]
      %mul = aten.mul.Tensor(%1, %c2) : f32[2,4]
      %c3 = const [0.0] : f32[]
      %add = aten.add.Tensor(%0, %c3) : f32[8]
      return %mul as "output_0", %add as "output_1"
    }"
  `);
});

test("what the signature says to change may share memory with nothing else", async () => {
  const p = await program("overlapping-read");
  const outputs = [{ kind: "bufferMutation" as const, name: "mul", fqn: "head" }, ...p.signature.outputs];
  await expectCode(
    "IMP0112",
    () => imported({ ...p, signature: { ...p.signature, outputs } }),
    /models\/overlapping-read\.json: head\+tail: .*share memory/,
    /clone/,
  );
});

test("strides that count in a storage are taken where the tensor is all of it", async () => {
  expect((await imported("strides-of-a-whole")).text).toContain("aten.as_strided");
  await expectCode(
    "IMP0111",
    () => imported("strides-of-a-view"),
    /node "as_strided": it counts in the storage of "slice_1"/,
    /contiguous/,
  );
});

test("a tensor without data is refused", async () => {
  const p = await program("constants");
  const tensors = new Map([...p.tensors].filter(([k]) => k !== "small"));
  await expectCode(
    "IMP0018",
    () => imported({ ...p, tensors }),
    /input "p_small": the program reads "small", but the archive holds no data for it/,
  );
});

test("a dtype that tflower has nothing for is refused, each tensor of it", async () => {
  const p = await program("constants");
  const strange = new Map(
    [...p.tensors].map(([k, t]) => [k, k === "small" || k === "last" ? { ...t, dtype: "f8e8m0" as const } : t]),
  );
  const found = await refused({ ...p, tensors: strange });
  expect(found.map((d) => d.code)).toEqual(["IMP0019", "IMP0019"]);
  expect(found.map((d) => d.message).join()).toMatch(/f8e8m0/);
});

describe("a tensor subclass", () => {
  const subclass = () => readPt2(fixture("subclass.pt2"));
  test("is taken apart into constants", async () => {
    const { graph } = await imported(await subclass());
    const names = [...graph.nodes].flatMap((n) => n.inputs).flatMap((v) => (v.constant && v.name ? [v.name] : []));
    expect(names).toEqual(expect.arrayContaining(["p_0_weight.qdata", "p_0_weight.scale"]));
  });
  /** The program with every use of a part made a use of `what`. */
  const using = async (change: (node: ExportNode) => ExportNode) => {
    const p = await subclass();
    return { ...p, graph: { ...p.graph, nodes: p.graph.nodes.map(change) } };
  };
  test("is no tensor by itself", async () => {
    const p = await using((n) =>
      n.target.includes("access_subclass")
        ? n
        : {
            ...n,
            inputs: n.inputs.map((i) =>
              i.arg.kind === "tensor" && i.arg.name.includes("access")
                ? { ...i, arg: { kind: "tensor", name: "p_0_weight" } }
                : i,
            ),
          },
    );
    await expectCode(
      "IMP0110",
      () => imported(p),
      /reads "p_0_weight", which is a torchao\.quantization\S*: not one tensor but several \(.*qdata.*\)/,
      /plain tensors/,
    );
  });
  test("has no other parts", async () => {
    const p = await using((n) =>
      n.target.includes("access_subclass")
        ? {
            ...n,
            inputs: n.inputs.map((i) =>
              i.arg.kind === "string" ? { ...i, arg: { kind: "string", value: "colour" } } : i,
            ),
          }
        : n,
    );
    expect((await refused(p))[0]!.message).toMatch(/has .*qdata.*, and no "colour"/);
  });
});
