import { tfl } from "@tflower/backend-tflite";
import { dataConstant, type OpDef, tensorData } from "@tflower/core";
import { rangeOf, sameScales } from "../graph/encoding.ts";
import { f32, type QnnParameters, reshaped, u32 } from "../graph/qnn-graph-builder.ts";
import { htpAxes } from "../support/generated/htp-types.ts";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";
import { binaryOperations } from "./elementwise-operations.ts";
import { elementwiseOver } from "./joined-axes.ts";

/** Operations of `ElementWiseNeuron`. */
const neuron = {
  elu: 0,
  gelu: 1,
  hardSigmoid: 2,
  hardSwish: 3,
  relu: 4,
  reluMinMax: 5,
  sigmoid: 6,
  softplus: 7,
  tanh: 8,
} as const;

const mapNeuron = (op: OpDef, operation: keyof typeof neuron, scalars: QnnParameters["scalars"] = {}): QnnMapping =>
  defineMapping(
    op,
    ["ElementWiseNeuron"],
    (node, b) =>
      elementwiseOver(
        b,
        node.inputs,
        node.result,
        (inputs, to) =>
          b.node("ElementWiseNeuron", inputs, [to], { scalars: { operation: u32(neuron[operation]), ...scalars } }),
        htpAxes[`ElementWiseNeuron:${neuron[operation]}`],
      ),
    { deep: true },
  );

/**
 * The HTP joins a clamp of integers with the convolution before it, and then the integers' own range clamps, whatever the bounds are. So of
 * integers only what their range does not say is done, by ops that it leaves alone.
 */
const mapClamp = (op: OpDef, low: number, high: number): QnnMapping =>
  defineMapping(op, ["ElementWiseNeuron", "ElementWiseBinary"], (node, b) => {
    const input = node.inputs[0]!;
    const { type } = node.result;
    const range = rangeOf(input.type);
    if (!range) {
      b.node("ElementWiseNeuron", [b.of(input)], [b.of(node.result)], {
        scalars: { operation: u32(neuron.reluMinMax), min_value: f32(low), max_value: f32(high) },
      });
      return;
    }
    const { scales, zeroPoints } = input.type.quant!;
    const code = (real: number): number =>
      b.constant(
        dataConstant(tensorData(input.type.dtype, [1], [Math.round(real / scales[0]!) + (zeroPoints[0] ?? 0)])),
        reshaped(input.type, [1]),
      );
    const half = scales[0]! / 2;
    const steps: ((from: number, to: number) => void)[] = [];
    const binary = (operation: number, bound: number) => (from: number, to: number) =>
      b.node("ElementWiseBinary", [from, code(bound)], [to], { scalars: { operation: u32(operation) } });
    if (range[0] < low - half)
      steps.push(
        low === 0
          ? (from, to) => b.node("ElementWiseNeuron", [from], [to], { scalars: { operation: u32(neuron.relu) } })
          : binary(binaryOperations.maximum, low),
      );
    if (range[1] > high + half) steps.push(binary(binaryOperations.minimum, high));
    const rescaled = !sameScales(input.type, type);
    if (rescaled || !steps.length) steps.push((from, to) => b.node("Convert", [from], [to]));
    let from = b.of(input);
    steps.forEach((step, i) => {
      const to = i === steps.length - 1 ? b.of(node.result) : b.between(input.type);
      step(from, to);
      from = to;
    });
  });

const mapPrelu = defineMapping(tfl.prelu, ["Prelu"], (node, b) => {
  const { input, alpha } = node.operands;
  b.node("Prelu", [b.of(input), b.of(alpha)], [b.of(node.result)]);
});

/** A slope for all channels alike: one number that broadcasts. */
const mapLeakyRelu = defineMapping(tfl.leakyRelu, ["Prelu"], (node, b) => {
  const { input } = node.operands;
  const { alpha } = node.attrs;
  const { quant } = input.type;
  const slope = quant
    ? // the largest code stands for the slope itself
      b.constant(dataConstant(tensorData("u8", [1], [alpha < 0 ? 0 : 255])), {
        dtype: "u8",
        shape: [1],
        quant: { scales: [Math.abs(alpha) / 255 || 1], zeroPoints: [alpha < 0 ? 255 : 0] },
      })
    : b.numbers("f32", [1], [alpha]);
  b.node("Prelu", [b.of(input), slope], [b.of(node.result)]);
});

/** Far below where a sigmoid is zero in float16. */
const nothing = -60000;

/**
 * The HTP joins a sigmoid of floats with the convolution before it and the product behind it, in a form that is off by up to 0.003:
 * 48 dB where the sigmoid by itself has 64 (measured on QNN 2.51's emulator). A maximum that changes nothing keeps them apart.
 */
const mapLogistic = defineMapping(
  tfl.logistic,
  ["ElementWiseNeuron", "ElementWiseBinary"],
  (node, b) => {
    const { type } = node.operands.input;
    const sigmoid = (from: number, to: number): void =>
      b.node("ElementWiseNeuron", [from], [to], { scalars: { operation: u32(neuron.sigmoid) } });
    elementwiseOver(
      b,
      node.inputs,
      node.result,
      ([x], to) => {
        if (type.quant) {
          sigmoid(x!, to);
          return;
        }
        const apart = b.between(reshaped(type, b.tensor(x!).dims));
        b.node("ElementWiseBinary", [x!, b.numbers("f32", [1], [nothing])], [apart], {
          scalars: { operation: u32(binaryOperations.maximum) },
        });
        sigmoid(apart, to);
      },
      type.quant ? undefined : htpAxes[`ElementWiseBinary:${binaryOperations.maximum}`],
    );
  },
  { deep: true },
);

/** Activations and other functions of one number that networks are made of. */
export const activationMappings: readonly QnnMapping<any>[] = [
  mapNeuron(tfl.relu, "relu"),
  mapClamp(tfl.relu6, 0, 6),
  mapClamp(tfl.reluN1To1, -1, 1),
  mapClamp(tfl.relu0To1, 0, 1),
  mapLogistic,
  mapNeuron(tfl.tanh, "tanh"),
  mapNeuron(tfl.elu, "elu", { alpha: f32(1) }),
  // the two forms differ by less than float16 resolves where they differ most
  mapNeuron(tfl.gelu, "gelu"),
  mapNeuron(tfl.hardSwish, "hardSwish"),
  mapPrelu,
  mapLeakyRelu,
];
