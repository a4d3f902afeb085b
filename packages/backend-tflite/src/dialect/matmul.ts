import {
  attr,
  broadcastShapes,
  type Dim,
  divideExactly,
  floorDivDim,
  invalid,
  operand,
  sizeOf,
  tensor,
  withShape,
} from "@tflower/core";
import { extentsOf, showShape } from "../semantics/axes.ts";
import { blockwiseProducts } from "../semantics/integer/blockwise.ts";
import { firstOf } from "../semantics/integer/first-of.ts";
import { hybridProducts, rowsTogether } from "../semantics/integer/hybrid.ts";
import { productsOfCodes } from "../semantics/integer/products.ts";
import { multiplyMatrices } from "../semantics/multiplying.ts";
import { activate, staticType } from "../semantics/pointwise.ts";
import { defineTfl, fusedActivation } from "./define-tfl.ts";
import { extent, macsPerResult } from "./macs.ts";

const differ = (a: Dim | undefined, b: Dim | undefined): boolean =>
  typeof a === "number" && typeof b === "number" && a !== b;

export const fullyConnected = defineTfl("FULLY_CONNECTED", {
  summary: "Rows of the input times the transposed filter `[O, I]`, plus the bias.",
  options: "FullyConnectedOptions",
  traits: {
    sumsProducts: true,
    ordinaryOnly: true,
    weights: { operand: "filter", axis: () => 0, dynamic: ["i8", "i4", "i4-block"], weighted: { operand: "input" } },
    accumulator: { bias: "bias", operands: ["input", "filter"] },
    macs: macsPerResult((operands) => [extent(operands["filter"], 1)]),
  },
  operands: { input: operand.tensor, filter: operand.rank(2), bias: operand.optional(operand.tensor) },
  attrs: {
    fused_activation_function: fusedActivation,
    weights_format: attr.oneOf("DEFAULT", "SHUFFLED4x16INT8").default_("DEFAULT"),
    keep_num_dims: attr.bool.default_(false),
    asymmetric_quantize_inputs: attr.bool.default_(false),
  },
  infer({ input, filter, bias }, { keep_num_dims }) {
    const [o, i] = filter.shape as [Dim, Dim];
    if (bias && differ(sizeOf(bias.shape), o))
      invalid(`has a bias ${showShape(bias.shape)} for ${String(o)} result channels`);
    if (keep_num_dims) {
      if (differ(input.shape.at(-1), i))
        invalid(`multiplies rows ${showShape(input.shape)} by a filter ${showShape(filter.shape)}`);
      return withShape(input, [...input.shape.slice(0, -1), o]);
    }
    const size = sizeOf(input.shape);
    const rows =
      divideExactly(size, i) ??
      (typeof size === "number" && typeof i === "number"
        ? invalid(`multiplies rows ${showShape(input.shape)} by a filter ${showShape(filter.shape)}`)
        : floorDivDim(size, i));
    return withShape(input, [rows, o]);
  },
  evaluate({ input, filter, bias }, a, [type]) {
    const [o, i] = extentsOf(filter) as [number, number];
    const rows = i === 0 ? 0 : input.data.length / i;
    const x = { ...input, type: { ...input.type, shape: [rows, i] } };
    const out = multiplyMatrices(staticType(tensor(type!.dtype, [rows, o])), x, filter, false, true, bias);
    return activate({ ...out, type: staticType(type!) }, a.fused_activation_function);
  },
  evaluateQuantized: firstOf(
    productsOfCodes({ input: "input", weights: "filter", bias: "bias", byReal: true }),
    hybridProducts({ input: "input", weights: "filter", bias: "bias", together: rowsTogether }),
    blockwiseProducts,
  ),
});

export const batchMatmul = defineTfl("BATCH_MATMUL", {
  summary: "Products of the matrices in the last two axes; the axes before broadcast.",
  options: "BatchMatMulOptions",
  traits: {
    sumsProducts: true,
    ordinaryOnly: true,
    macs: macsPerResult((operands, attrs) => [extent(operands["x"], attrs["adj_x"] ? -2 : -1)]),
  },
  operands: { x: operand.tensor, y: operand.tensor },
  attrs: {
    adj_x: attr.bool.default_(false),
    adj_y: attr.bool.default_(false),
    asymmetric_quantize_inputs: attr.bool.default_(false),
  },
  infer({ x, y }, { adj_x, adj_y }) {
    if (x.shape.length < 2 || y.shape.length < 2)
      invalid(`multiplies matrices, got ${showShape(x.shape)} and ${showShape(y.shape)}`);
    const [rows, inner] = adj_x ? [x.shape.at(-1)!, x.shape.at(-2)!] : [x.shape.at(-2)!, x.shape.at(-1)!];
    const [other, columns] = adj_y ? [y.shape.at(-1)!, y.shape.at(-2)!] : [y.shape.at(-2)!, y.shape.at(-1)!];
    if (differ(inner, other))
      invalid(
        `cannot multiply ${showShape(x.shape)}${adj_x ? " transposed" : ""} by ${showShape(y.shape)}${adj_y ? " transposed" : ""}`,
      );
    return withShape(x, [...broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2)), rows, columns]);
  },
  evaluate: ({ x, y }, { adj_x, adj_y }, [type]) => multiplyMatrices(staticType(type!), x, y, adj_x, adj_y, undefined),
  evaluateQuantized: firstOf(
    productsOfCodes({ input: "x", weights: "y", roundsProduct: true }),
    hybridProducts({ input: "x", weights: "y", together: rowsTogether }),
  ),
});
