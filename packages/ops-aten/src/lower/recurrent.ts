import { tfl } from "@tflower/backend-tflite";
import { defineLowering, defineRefusal, type Emit, isFloat, type Rejection, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/recurrent.ts";
import { concatAxis, reshapeTo, selectAxis } from "../emit/rearrange.ts";
import { cells, type MakeCell, type State } from "../emit/recurrent.ts";
import { type CellWeights, cellsOf, type SequenceAttrs } from "../semantics/recurrent.ts";

/** Steps over all layers and directions that are unrolled at most: a file of about a hundred megabytes. */
const maxSteps = 65536;

interface LayerAttrs extends SequenceAttrs {
  readonly dropout: number;
  readonly train: boolean;
}
interface Sequence {
  readonly input: Value;
  readonly h: Value;
  readonly c: Value | undefined;
  readonly params: readonly Value[];
}

/** Why layers cannot be unrolled, if they cannot. */
function obstacle({ input }: Sequence, a: LayerAttrs): string | undefined {
  const length = input.type.shape[a.batch_first ? 1 : 0]!;
  if (a.train && a.dropout > 0 && a.num_layers > 1)
    return "dropout between layers is random: export the program in eval mode";
  if (!isFloat(input.type.dtype)) return `computes in floats, got ${input.type.dtype}`;
  if (typeof length !== "number") return "needs a static sequence length, since every step becomes ops of its own";
  const steps = length * a.num_layers * (a.bidirectional ? 2 : 1);
  return steps > maxSteps ? `has ${steps} steps, more than the ${maxSteps} that are unrolled` : undefined;
}

/** One direction of one layer over a sequence whose time is `axis`. */
function direction(
  emit: Emit,
  make: MakeCell,
  w: CellWeights<Value>,
  input: Value,
  axis: number,
  initial: State,
  backwards: boolean,
): { readonly outputs: readonly Value[]; readonly last: State } {
  const cell = make(emit, w);
  const length = input.type.shape[axis] as number;
  const byStep = cell
    .prepare(input)
    .map((value) => (length === 1 ? [selectAxis(emit, value, axis, 0)] : emit.all(tfl.unpack, { value }, { axis })));
  const outputs = new Array<Value>(length);
  let state = initial;
  for (let k = 0; k < length; k++) {
    const t = backwards ? length - 1 - k : k;
    state = cell.step(
      byStep.map((v) => v[t]!),
      state,
    );
    outputs[t] = state.h;
  }
  return { outputs, last: state };
}

const stack = (emit: Emit, values: readonly Value[], axis: number): Value =>
  values.length === 1
    ? reshapeTo(emit, values[0]!, values[0]!.type.shape.toSpliced(axis, 0, 1))
    : emit(tfl.pack, { values }, { axis });

function unroll(emit: Emit, make: MakeCell, s: Sequence, a: LayerAttrs): Value[] | Rejection {
  const why = obstacle(s, a);
  if (why) return reject(why);
  const directions = a.bidirectional ? 2 : 1;
  const axis = a.batch_first ? 1 : 0;
  if (s.input.type.shape[axis] === 0) return reject("has no steps");
  const weights = cellsOf(s.params, a.has_biases, a.num_layers, directions);
  const last: State[] = [];
  let x = s.input;
  for (let layer = 0; layer < a.num_layers; layer++) {
    const sides = Array.from({ length: directions }, (_, d) => {
      const k = layer * directions + d;
      const initial = { h: selectAxis(emit, s.h, 0, k), c: s.c && selectAxis(emit, s.c, 0, k) };
      const side = direction(emit, make, weights[k]!, x, axis, initial, d === 1);
      last.push(side.last);
      return stack(emit, side.outputs, axis);
    });
    x = concatAxis(emit, sides, 2);
  }
  const h = stack(
    emit,
    last.map((l) => l.h),
    0,
  );
  return s.c
    ? [
        x,
        h,
        stack(
          emit,
          last.map((l) => l.c!),
          0,
        ),
      ]
    : [x, h];
}

interface Plain {
  readonly input: Value;
  readonly hx: Value;
  readonly params: readonly Value[];
}
const layers =
  (make: MakeCell) =>
  ({ input, hx, params }: Plain, a: LayerAttrs, emit: Emit): Value[] | Rejection =>
    unroll(emit, make, { input, h: hx, c: undefined, params }, a);

export const lstmInput = defineLowering(aten.lstmInput, ({ input, hx, params }, a, emit) => {
  const [h, c] = aten.statePair(hx);
  return unroll(emit, cells.lstm, { input, h, c, params }, a);
});
export const gruInput = defineLowering(aten.gruInput, layers(cells.gru));
export const rnnTanhInput = defineLowering(aten.rnnTanhInput, layers(cells.tanh));
export const rnnReluInput = defineLowering(aten.rnnReluInput, layers(cells.relu));

interface CellOperands {
  readonly input: Value;
  readonly w_ih: Value;
  readonly w_hh: Value;
  readonly b_ih: Value | undefined;
  readonly b_hh: Value | undefined;
}
function oneStep(emit: Emit, make: MakeCell, o: CellOperands, state: State): State {
  const cell = make(emit, {
    input: o.w_ih,
    hidden: o.w_hh,
    inputBias: o.b_ih,
    hiddenBias: o.b_hh,
    projection: undefined,
  });
  return cell.step(cell.prepare(o.input), state);
}
const cell =
  (make: MakeCell) =>
  (operands: CellOperands & { readonly hx: Value }, _: unknown, emit: Emit): Value =>
    oneStep(emit, make, operands, { h: operands.hx, c: undefined }).h;
export const lstmCell = defineLowering(aten.lstmCell, ({ hx, ...operands }, _, emit) => {
  const [h, c] = aten.statePair(hx);
  const next = oneStep(emit, cells.lstm, operands, { h, c });
  return [next.h, next.c!];
});
export const gruCell = defineLowering(aten.gruCell, cell(cells.gru));
export const rnnTanhCell = defineLowering(aten.rnnTanhCell, cell(cells.tanh));
export const rnnReluCell = defineLowering(aten.rnnReluCell, cell(cells.relu));

const packed =
  "the lengths of a packed sequence are data, and so is which step belongs to which sequence: pad the sequences and export the layers over the padded batch";
export const lstmData = defineRefusal(aten.lstmData, packed);
export const gruData = defineRefusal(aten.gruData, packed);
export const rnnTanhData = defineRefusal(aten.rnnTanhData, packed);
export const rnnReluData = defineRefusal(aten.rnnReluData, packed);
