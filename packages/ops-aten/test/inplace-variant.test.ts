import { describe, expect, test } from "vitest";
import { atenOps, inplaceName, parseSchemaLine } from "../src/index.ts";

const ops = new Map(atenOps().map((o) => [o.name, o]));

test.each([
  ["aten.relu", "aten.relu_"],
  ["aten.add.Tensor", "aten.add_.Tensor"],
  ["aten.__and__.Tensor", "aten.__iand__.Tensor"],
  ["aten.__lshift__.Scalar", "aten.__ilshift__.Scalar"],
  ["aten.pow.Tensor_Scalar", "aten.pow_.Scalar"],
  ["aten.floor_divide", "aten.floor_divide_.Tensor"],
  ["aten.ldexp.Tensor", "aten.ldexp_"],
])("%s in place is %s", (name, wanted) => {
  expect(inplaceName(name)).toBe(wanted);
  expect(ops.get(wanted)?.traits.inplace).toEqual({ operand: "self", functional: name });
});

test("the variant takes the same arguments, the first of them called self", () => {
  const dropout = ops.get("aten.dropout_")!;
  expect(Object.keys(dropout.operands)).toEqual(["self"]);
  expect(Object.keys(dropout.attrs)).toEqual(["p", "train"]);
});

test("views have none: theirs change what a tensor is", () => {
  for (const name of [
    "aten.t_",
    "aten.unsqueeze_",
    "aten.squeeze_",
    "aten.squeeze_.dim",
    "aten.swapdims_",
    "aten.as_strided_",
  ])
    expect(ops.has(name)).toBe(false);
});

test("ops whose number comes first have none", () => {
  // pow.Scalar(Scalar self, Tensor exponent) does not write its exponent
  expect(ops.get("aten.pow_.Scalar")!.traits.inplace!.functional).toBe("aten.pow.Tensor_Scalar");
});

/** Measured with torch 2.13: ops that give an operand, or a view of one, though their schema says nothing of it. */
const silentAliases = [
  "aten._unsafe_view",
  "aten.alpha_dropout",
  "aten.atleast_1d",
  "aten.atleast_1d.Sequence",
  "aten.atleast_2d",
  "aten.atleast_2d.Sequence",
  "aten.atleast_3d",
  "aten.atleast_3d.Sequence",
  "aten.broadcast_tensors",
  "aten.cartesian_prod",
  "aten.conj_physical",
  "aten.data",
  "aten.dropout",
  "aten.einsum",
  "aten.feature_alpha_dropout",
  "aten.feature_dropout",
  "aten.lift",
  "aten.meshgrid",
  "aten.meshgrid.indexing",
  "aten.sum_to_size",
  "aten.to_dense",
  "aten.type_as",
  "aten.unsafe_chunk",
  "aten.unsafe_split.Tensor",
  "aten.unsafe_split_with_sizes",
];
/** Measured likewise: ops that copy where strides, or what they are asked for, leave no choice. */
const copying = [
  "aten.contiguous",
  "aten.flatten.using_ints",
  "aten.ravel",
  "aten.reshape",
  "aten.reshape_as",
  "aten.to.device",
  "aten.to.dtype",
  "aten.to.dtype_layout",
  "aten.to.other",
  "aten.type_as",
];

describe("what shares memory is declared", () => {
  test.each(silentAliases)("%s", (name) => expect(ops.get(name)?.traits.view).toBeDefined());
  test.each(copying)("%s may copy", (name) => expect(ops.get(name)?.traits.maybeCopies).toBe(true));

  test("an alias in the schema makes a view", () => {
    for (const op of ops.values()) {
      const { schema, view } = op.traits;
      const argument = schema && parseSchemaLine(schema).args.find((a) => /\(\w+( -> \*)?\)/.test(a.type));
      if (argument) expect([op.name, view]).toEqual([op.name, { operand: argument.name }]);
    }
  });
  test("a view that may change the dtype says when it is none", () => {
    for (const op of ops.values()) {
      const casts = op.traits.view && !op.traits.readsBits && "dtype" in op.attrs;
      if (casts)
        expect([op.name, op.name === "aten.to_dense" || op.traits.sharesMemory !== undefined]).toEqual([op.name, true]);
    }
  });
  test("a schema that writes is an in-place op, says what it overwrites, or is a view that writes nothing", () => {
    for (const op of ops.values()) {
      const writes = op.traits.schema?.includes("!");
      if (writes)
        expect([op.name, Boolean(op.traits.inplace || op.traits.overwrites || op.traits.view)]).toEqual([
          op.name,
          true,
        ]);
    }
  });
});
