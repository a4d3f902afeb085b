import { expect, test } from "vitest";
import type { Pt2Program } from "../../src/program.ts";
import { imported, program, refused } from "../support/imported.ts";

test("every form of argument becomes an operand or an attribute", async () => {
  expect((await imported("argument-forms")).text).toMatchInlineSnapshot(`
    "graph @main(%args_0: f32[3,4], %args_1: i64[2]) {
      %gelu = aten.gelu(%args_0) {approximate = "tanh"} : f32[3,4]
      %sum_1 = aten.sum.dim_IntList(%args_0) {dim = [0, 1], keepdim = true, dtype = "f64"} : f64[1,1]
      %unsqueeze = aten.unsqueeze(%args_0) {dim = 0} : f32[1,3,4]
      %unsqueeze_1 = aten.unsqueeze(%unsqueeze) {dim = 1} : f32[1,1,3,4]
      %upsample_nearest2d = aten.upsample_nearest2d.vec(%unsqueeze_1) {scale_factors = [2.0, 3.0]} : f32[1,1,6,12]
      %index = aten.index.Tensor(%args_0, (none, %args_1)) : f32[3,2]
      %slice_1 = aten.slice.Tensor(%index) {start = 1, end = 9007199254740991} : f32[2,2]
      %clamp = aten.clamp(%args_0) {min = -inf, max = 2} : f32[3,4]
      %c0 = const [2.0] : f32[]
      %mul = aten.mul.Tensor(%args_0, %c0) : f32[3,4]
      %cat = aten.cat((%args_0, %mul)) {dim = -1} : f32[3,8]
      %zeros = aten.zeros() {size = [2, 3], dtype = "i16", device = "cpu", pin_memory = false} : i16[2,3]
      %full = aten.full() {size = [2], fill_value = true, device = "cpu", pin_memory = false} : bool[2]
      %slice_2 = aten.slice.Tensor(%args_0) {start = 0, end = 2} : f32[2,4]
      %linear = aten.linear(%args_0, %slice_2, none) : f32[3,2]
      %empty_like = aten.empty_like(%args_0) {pin_memory = false, memory_format = "contiguous_format"} : f32[3,4]
      %fill_ = aten.fill_.Scalar(%empty_like) {value = 1} : f32[3,4]
      return %gelu as "output_0", %sum_1 as "output_1", %upsample_nearest2d as "output_2", %slice_1 as "output_3", %clamp as "output_4", %cat as "output_5", %zeros as "output_6", %full as "output_7", %linear as "output_8", %fill_ as "output_9"
    }"
  `);
});

test("a complex number is a tensor beside complex ones", async () => {
  expect((await imported("complex-number")).text).toMatchInlineSnapshot(`
    "graph @main(%args_0: c64[3,4]) {
      %c0 = const [1.0, 2.0] : c64[]
      %mul = aten.mul.Tensor(%args_0, %c0) : c64[3,4]
      return %mul as "output"
    }"
  `);
});

test("lists of tensors are taken apart by name or by getitem", async () => {
  expect((await imported("lists")).text).toMatchInlineSnapshot(`
    "graph @main(%args_0: f32[6,4]) {
      %getitem, %getitem_1, %getitem_2 = aten.split.Tensor(%args_0) {split_size = 2} : f32[2,4], f32[2,4], f32[2,4]
      %getitem_3, %getitem_4, %getitem_5, %getitem_6 = aten.unbind.int(%args_0) {dim = 1} : f32[6], f32[6], f32[6], f32[6]
      %sub = aten.sub.Tensor(%getitem_2, %getitem) : f32[2,4]
      %mul = aten.mul.Tensor(%getitem_6, %getitem_3) : f32[6]
      %stack = aten.stack((%getitem_1, %getitem)) : f32[2,2,4]
      %getitem_7, %getitem_8, %getitem_9 = aten.chunk(%args_0) {chunks = 3} : f32[2,4], f32[2,4], f32[2,4]
      %getitem_10, %getitem_11 = aten.split_with_sizes(%args_0) {split_sizes = [1, 5]} : f32[1,4], f32[5,4]
      %cat = aten.cat((%getitem_10, %getitem_11)) : f32[6,4]
      return %sub as "output_0", %mul as "output_1", %stack as "output_2", %getitem_9 as "output_3", %cat as "output_4"
    }"
  `);
});

/** The program with the first node whose target holds `target` changed. */
async function changed(name: string, target: string, change: (node: any) => void): Promise<Pt2Program> {
  const p = structuredClone({
    ...(await program(name)),
    sampleInputs: undefined,
    tensors: undefined,
  }) as unknown as Pt2Program;
  const { tensors } = await program(name);
  change(p.graph.nodes.find((n) => n.target.includes(target)));
  return { ...p, tensors };
}

test("an argument that the op does not declare is refused by name", async () => {
  const p = await changed("lists", "chunk", (node) =>
    node.inputs.push({ name: "sideways", arg: { kind: "int", value: 1 }, passing: "keyword" }),
  );
  const [d] = await refused(p);
  expect(d!.code).toBe("IMP0100");
  expect(d!.message).toMatch(
    /imports\.pt2: models\/lists\.json: node "chunk": argument "sideways" is not one of self, chunks, dim/,
  );
});

test("a tensor where a number is declared is refused", async () => {
  const p = await changed("lists", "chunk", (node) => {
    node.inputs[1].arg = { kind: "tensor", name: "args_0" };
  });
  expect((await refused(p)).map((d) => d.message).join()).toMatch(
    /argument "chunks" is a tensor, and should be a number/,
  );
});

test("an attribute of the wrong kind is refused with what was expected", async () => {
  const p = await changed("lists", "chunk", (node) => {
    node.inputs[1].arg = { kind: "string", value: "three" };
  });
  const [d] = await refused(p);
  expect(d!.message).toMatch(/attribute "chunks" must be an integer, got "three"/);
});
