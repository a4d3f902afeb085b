import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import type { CellWeights } from "../semantics/recurrent.ts";
import { add, mul, sub } from "./pointwise.ts";
import { sliceAxis } from "./rearrange.ts";

/** What a cell keeps from step to step. */
export interface State {
  readonly h: Value;
  readonly c: Value | undefined;
}
/** A cell with its weights: what it makes of all inputs beforehand, and a step over one part of that. */
export interface Cell {
  /** Tensors with as many leading axes as the input, computed for all steps at once. */
  readonly prepare: (input: Value) => readonly Value[];
  /** One step over what {@link prepare} has made of its input, `[N, features]` each. */
  readonly step: (prepared: readonly Value[], state: State) => State;
}
type MakeCell = (emit: Emit, w: CellWeights<Value>) => Cell;

const linear = (emit: Emit, input: Value, filter: Value, bias?: Value): Value =>
  emit(tfl.fullyConnected, { input, filter, bias }, { keep_num_dims: input.type.shape.length > 2 });
const sigmoid = (emit: Emit, input: Value): Value => emit(tfl.logistic, { input });
const tanh = (emit: Emit, input: Value): Value => emit(tfl.tanh, { input });
const parts = (emit: Emit, value: Value, n: number): readonly Value[] =>
  emit.all(tfl.split, { value }, { axis: value.type.shape.length - 1, num_splits: n });
/** Both biases as one, where gates add what they come from anyway. */
const bothBiases = (emit: Emit, w: CellWeights<Value>): Value | undefined =>
  w.inputBias && w.hiddenBias ? add(emit, w.inputBias, w.hiddenBias) : undefined;

const plain =
  (activate: (emit: Emit, x: Value) => Value): MakeCell =>
  (emit, w) => ({
    prepare: (input) => [linear(emit, input, w.input, bothBiases(emit, w))],
    step: ([x], { h }) => ({ h: activate(emit, add(emit, x!, linear(emit, h, w.hidden))), c: undefined }),
  });

const lstm: MakeCell = (emit, w) => ({
  prepare: (input) => [linear(emit, input, w.input, bothBiases(emit, w))],
  step([x], { h, c }) {
    const [i, f, g, o] = parts(emit, add(emit, x!, linear(emit, h, w.hidden)), 4) as [Value, Value, Value, Value];
    const kept = mul(emit, sigmoid(emit, f), c!);
    const cell = add(emit, kept, mul(emit, sigmoid(emit, i), tanh(emit, g)));
    const out = mul(emit, sigmoid(emit, o), tanh(emit, cell));
    return { h: w.projection ? linear(emit, out, w.projection) : out, c: cell };
  },
});

/** The new gate's own bias is scaled by the reset gate, so it stays apart; the other gates come as one block before it. */
const gru: MakeCell = (emit, w) => {
  const size = w.hidden.type.shape[1] as number;
  const gates = (v: Value | undefined): Value | undefined => v && sliceAxis(emit, v, 0, 0, 2 * size);
  const fresh = (v: Value | undefined): Value | undefined => v && sliceAxis(emit, v, 0, 2 * size, size);
  const bias = bothBiases(emit, w);
  return {
    prepare: (input) => [
      linear(emit, input, gates(w.input)!, gates(bias)),
      linear(emit, input, fresh(w.input)!, fresh(w.inputBias)),
    ],
    step([x, n], { h }) {
      const both = sigmoid(emit, add(emit, x!, linear(emit, h, gates(w.hidden)!)));
      const [reset, update] = parts(emit, both, 2) as [Value, Value];
      const candidate = tanh(
        emit,
        add(emit, n!, mul(emit, reset, linear(emit, h, fresh(w.hidden)!, fresh(w.hiddenBias)))),
      );
      return { h: add(emit, candidate, mul(emit, update, sub(emit, h, candidate))), c: undefined };
    },
  };
};

/** How the ops' cells are made. */
export const cells = {
  lstm,
  gru,
  tanh: plain(tanh),
  relu: plain((emit, input) => emit(tfl.relu, { input })),
} as const satisfies Record<string, MakeCell>;
export type { MakeCell };
