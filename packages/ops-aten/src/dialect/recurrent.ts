import { invalid, type TensorData, type TensorType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import {
  type CellRule,
  cellOverBatch,
  cellRules,
  overSequence,
  type SequenceAttrs,
  sequenceTypes,
} from "../semantics/recurrent.ts";

interface Plain<T> {
  readonly input: T;
  readonly hx: T;
  readonly params: readonly T[];
}
const layers = (rule: CellRule) => ({
  infer: ({ input, hx }: Plain<TensorType>, a: SequenceAttrs): TensorType[] => sequenceTypes(input, hx, undefined, a),
  evaluate: ({ input, hx, params }: Plain<TensorData>, a: SequenceAttrs): TensorData[] =>
    overSequence(rule, { input, h: hx, c: undefined, params }, a),
});

/** Output and cell of an LSTM's state. */
export function statePair<T>(hx: readonly T[]): readonly [T, T] {
  return hx.length === 2 ? [hx[0]!, hx[1]!] : invalid(`takes an output and a cell as state, got ${hx.length} tensors`);
}
export const lstmInput = defineAten(
  "lstm.input(Tensor input, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor, Tensor)",
  {
    summary: "Layers of long short-term memory over a sequence.",
    infer({ input, hx }, a) {
      const [h, c] = statePair(hx);
      return sequenceTypes(input, h, c, a);
    },
    evaluate({ input, hx, params }, a) {
      const [h, c] = statePair(hx);
      return overSequence(cellRules.lstm, { input, h, c, params }, a);
    },
  },
);
export const gruInput = defineAten(
  "gru.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor)",
  { summary: "Layers of gated recurrent units over a sequence.", ...layers(cellRules.gru) },
);
export const rnnTanhInput = defineAten(
  "rnn_tanh.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor)",
  { summary: "Plain recurrent layers with tanh over a sequence.", ...layers(cellRules.tanh) },
);
export const rnnReluInput = defineAten(
  "rnn_relu.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor)",
  { summary: "Plain recurrent layers with relu over a sequence.", ...layers(cellRules.relu) },
);

interface Cell<T> {
  readonly input: T;
  readonly hx: T;
  readonly w_ih: T;
  readonly w_hh: T;
  readonly b_ih: T | undefined;
  readonly b_hh: T | undefined;
}
const cellWeights = <T>({ w_ih, w_hh, b_ih, b_hh }: Omit<Cell<T>, "hx" | "input">) => ({
  input: w_ih,
  hidden: w_hh,
  inputBias: b_ih,
  hiddenBias: b_hh,
  projection: undefined,
});
function matrices(...types: readonly TensorType[]): void {
  for (const t of types)
    if (t.shape.length !== 2) invalid(`takes batches of rank 2, got one of rank ${t.shape.length}`);
}
const cell = (rule: CellRule) => ({
  infer({ input, hx }: Cell<TensorType>): TensorType {
    matrices(input, hx);
    return hx;
  },
  evaluate: (operands: Cell<TensorData>): TensorData =>
    cellOverBatch(rule, cellWeights(operands), operands.input, operands.hx, undefined)[0]!,
});
export const lstmCell = defineAten(
  "lstm_cell(Tensor input, Tensor[] hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> (Tensor, Tensor)",
  {
    summary: "One step of long short-term memory.",
    infer({ input, hx }) {
      const [h, c] = statePair(hx);
      matrices(input, h, c);
      return [h, c];
    },
    evaluate({ input, hx, ...weights }) {
      const [h, c] = statePair(hx);
      return cellOverBatch(cellRules.lstm, cellWeights(weights), input, h, c);
    },
  },
);
export const gruCell = defineAten(
  "gru_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor",
  {
    summary: "One step of a gated recurrent unit.",
    ...cell(cellRules.gru),
  },
);
export const rnnTanhCell = defineAten(
  "rnn_tanh_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor",
  {
    summary: "One step of a plain recurrent layer with tanh.",
    ...cell(cellRules.tanh),
  },
);
export const rnnReluCell = defineAten(
  "rnn_relu_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor",
  {
    summary: "One step of a plain recurrent layer with relu.",
    ...cell(cellRules.relu),
  },
);

export const lstmData = defineAten(
  "lstm.data(Tensor data, Tensor batch_sizes, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor, Tensor)",
  { summary: "Layers of long short-term memory over a packed sequence, whose lengths are data." },
);
export const gruData = defineAten(
  "gru.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor)",
  { summary: "Layers of gated recurrent units over a packed sequence, whose lengths are data." },
);
export const rnnTanhData = defineAten(
  "rnn_tanh.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor)",
  { summary: "Plain recurrent layers with tanh over a packed sequence, whose lengths are data." },
);
export const rnnReluData = defineAten(
  "rnn_relu.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor)",
  { summary: "Plain recurrent layers with relu over a packed sequence, whose lengths are data." },
);
