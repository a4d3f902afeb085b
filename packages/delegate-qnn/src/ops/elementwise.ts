import { tfl } from "@tflower/backend-tflite";
import type { OpDef } from "@tflower/core";
import { u32 } from "../graph/qnn-graph-builder.ts";
import { htpAxes } from "../support/generated/htp-types.ts";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";
import { binaryOperations, unaryOperations } from "./elementwise-operations.ts";
import { elementwiseOver } from "./joined-axes.ts";

const ofTwo = (op: OpDef, operation: keyof typeof binaryOperations): QnnMapping =>
  defineMapping(
    op,
    ["ElementWiseBinary"],
    (node, b) =>
      elementwiseOver(
        b,
        node.inputs,
        node.result,
        (inputs, to) =>
          b.node("ElementWiseBinary", inputs, [to], { scalars: { operation: u32(binaryOperations[operation]) } }),
        htpAxes[`ElementWiseBinary:${binaryOperations[operation]}`],
      ),
    { deep: true },
  );
const ofOne = (op: OpDef, operation: keyof typeof unaryOperations): QnnMapping =>
  defineMapping(
    op,
    ["ElementWiseUnary"],
    (node, b) =>
      elementwiseOver(
        b,
        node.inputs,
        node.result,
        (inputs, to) =>
          b.node("ElementWiseUnary", inputs, [to], { scalars: { operation: u32(unaryOperations[operation]) } }),
        htpAxes[`ElementWiseUnary:${unaryOperations[operation]}`],
      ),
    { deep: true },
  );

const mapSquare = defineMapping(tfl.square, ["ElementWiseBinary"], (node, b) => {
  const x = b.of(node.operands.input);
  b.node("ElementWiseBinary", [x, x], [b.of(node.result)], { scalars: { operation: u32(binaryOperations.multiply) } });
});

const mapAddN = defineMapping(tfl.addN, ["ElementWiseBinary"], (node, b) => {
  const { inputs } = node.operands;
  inputs.slice(1).reduce((sum, v, i) => {
    const to = i === inputs.length - 2 ? b.of(node.result) : b.between(node.result.type);
    b.node("ElementWiseBinary", [sum, b.of(v)], [to], { scalars: { operation: u32(binaryOperations.add) } });
    return to;
  }, b.of(inputs[0]!));
});

/** Arithmetic, comparisons and logic by element. */
export const elementwiseMappings: readonly QnnMapping<any>[] = [
  ofTwo(tfl.add, "add"),
  ofTwo(tfl.sub, "subtract"),
  ofTwo(tfl.mul, "multiply"),
  ofTwo(tfl.div, "divide"),
  ofTwo(tfl.floorDiv, "floorDiv"),
  ofTwo(tfl.floorMod, "mod"),
  ofTwo(tfl.maximum, "maximum"),
  ofTwo(tfl.minimum, "minimum"),
  ofTwo(tfl.pow, "power"),
  ofTwo(tfl.squaredDifference, "squaredDifference"),
  ofTwo(tfl.equal, "equal"),
  ofTwo(tfl.notEqual, "notEqual"),
  ofTwo(tfl.greater, "greater"),
  ofTwo(tfl.greaterEqual, "greaterEqual"),
  ofTwo(tfl.less, "less"),
  ofTwo(tfl.lessEqual, "lessEqual"),
  ofTwo(tfl.logicalAnd, "and"),
  ofTwo(tfl.logicalOr, "or"),
  ofOne(tfl.logicalNot, "not"),
  ofOne(tfl.abs, "abs"),
  ofOne(tfl.ceil, "ceil"),
  ofOne(tfl.cos, "cos"),
  ofOne(tfl.exp, "exp"),
  ofOne(tfl.floor, "floor"),
  ofOne(tfl.log, "log"),
  ofOne(tfl.neg, "neg"),
  ofOne(tfl.round, "round"),
  ofOne(tfl.rsqrt, "rsqrt"),
  ofOne(tfl.sign, "sign"),
  ofOne(tfl.sin, "sin"),
  ofOne(tfl.sqrt, "sqrt"),
  mapSquare,
  mapAddN,
];
