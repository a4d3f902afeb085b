import { attr, type Dim, operand, withShape } from "@tflower/core";
import { defineTfl } from "./define-tfl.ts";

const optional = operand.optional(operand.tensor);
/** Kernels that keep state give other results on the next run: that is an effect. */
const traits = { effects: true } as const;
const activation = attr.oneOf("NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT").default_("NONE");
const asymmetric_quantize_inputs = attr.bool.default_(false);

export const rnn = defineTfl("RNN", {
  summary:
    "One step of a fully connected recurrent layer over `[batch, features]`; the hidden state stays for the next run.",
  options: "RNNOptions",
  operands: {
    input: operand.rank(2),
    input_weights: operand.rank(2),
    recurrent_weights: operand.rank(2),
    bias: operand.rank(1),
    hidden_state: operand.rank(2),
  },
  attrs: { fused_activation_function: activation, asymmetric_quantize_inputs },
  variables: ["hidden_state"],
  traits,
  infer: ({ input, input_weights }) => withShape(input, [input.shape[0]!, input_weights.shape[0]!]),
});

export const unidirectionalSequenceRnn = defineTfl("UNIDIRECTIONAL_SEQUENCE_RNN", {
  summary: "A fully connected recurrent layer over sequences; the hidden state stays for the next run.",
  options: "SequenceRNNOptions",
  operands: {
    input: operand.rank(3),
    input_weights: operand.rank(2),
    recurrent_weights: operand.rank(2),
    bias: operand.rank(1),
    hidden_state: operand.rank(2),
  },
  attrs: { time_major: attr.bool.default_(false), fused_activation_function: activation, asymmetric_quantize_inputs },
  variables: ["hidden_state"],
  traits,
  infer: ({ input, input_weights }) => withShape(input, [...input.shape.slice(0, 2), input_weights.shape[0]!]),
});

export const unidirectionalSequenceLstm = defineTfl("UNIDIRECTIONAL_SEQUENCE_LSTM", {
  summary: "A long short-term memory layer over sequences; output and cell state stay for the next run.",
  options: "UnidirectionalSequenceLSTMOptions",
  operands: {
    input: operand.rank(3),
    input_to_input_weights: optional,
    input_to_forget_weights: operand.rank(2),
    input_to_cell_weights: operand.rank(2),
    input_to_output_weights: operand.rank(2),
    recurrent_to_input_weights: optional,
    recurrent_to_forget_weights: operand.rank(2),
    recurrent_to_cell_weights: operand.rank(2),
    recurrent_to_output_weights: operand.rank(2),
    cell_to_input_weights: optional,
    cell_to_forget_weights: optional,
    cell_to_output_weights: optional,
    input_gate_bias: optional,
    forget_gate_bias: operand.rank(1),
    cell_gate_bias: operand.rank(1),
    output_gate_bias: operand.rank(1),
    projection_weights: optional,
    projection_bias: optional,
    output_state: operand.rank(2),
    cell_state: operand.rank(2),
    input_layer_norm_coefficients: optional,
    forget_layer_norm_coefficients: optional,
    cell_layer_norm_coefficients: optional,
    output_layer_norm_coefficients: optional,
  },
  attrs: {
    fused_activation_function: activation,
    cell_clip: attr.float.default_(0),
    proj_clip: attr.float.default_(0),
    time_major: attr.bool.default_(false),
    asymmetric_quantize_inputs,
    diagonal_recurrent_tensors: attr.bool.default_(false),
  },
  variables: ["output_state", "cell_state"],
  traits,
  infer: ({ input, recurrent_to_output_weights }) =>
    withShape(input, [...input.shape.slice(0, 2), recurrent_to_output_weights.shape[1] as Dim]),
});

export const svdf = defineTfl("SVDF", {
  summary: "A filter over features and time, factored into rank-one parts; the activations of past runs stay.",
  options: "SVDFOptions",
  operands: {
    input: operand.rank(2),
    weights_feature: operand.rank(2),
    weights_time: operand.rank(2),
    bias: optional,
    state: operand.rank(2),
  },
  attrs: { rank: attr.int, fused_activation_function: activation, asymmetric_quantize_inputs },
  variables: ["state"],
  traits,
  infer({ input, weights_feature }, { rank }) {
    const filters = weights_feature.shape[0]!;
    return withShape(input, [input.shape[0]!, typeof filters === "number" ? filters / rank : filters]);
  },
});
