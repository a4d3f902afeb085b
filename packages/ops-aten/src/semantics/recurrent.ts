import {
  allocate,
  invalid,
  type NumberCarrier,
  numbersOf,
  roundTo,
  type TensorData,
  type TensorType,
  tensor,
  withShape,
  wrap,
} from "@tflower/core";

/** Weights of one direction of one layer; gates lie one after the other in their rows. */
export interface CellWeights<T> {
  readonly input: T;
  readonly hidden: T;
  readonly inputBias: T | undefined;
  readonly hiddenBias: T | undefined;
  /** Takes an LSTM's output to fewer features. */
  readonly projection: T | undefined;
}

/** Weights by layer and direction, as PyTorch lists them. */
export function cellsOf<T>(
  params: readonly T[],
  hasBiases: boolean,
  layers: number,
  directions: number,
): CellWeights<T>[] {
  const each = params.length / (layers * directions);
  const plain = hasBiases ? 4 : 2;
  if (each !== plain && each !== plain + 1)
    invalid(
      `takes ${plain} or ${plain + 1} weights for each of ${layers * directions} layers and directions, got ${params.length}`,
    );
  return Array.from({ length: layers * directions }, (_, i) => {
    const own = params.slice(i * each, (i + 1) * each);
    return {
      input: own[0]!,
      hidden: own[1]!,
      inputBias: hasBiases ? own[2] : undefined,
      hiddenBias: hasBiases ? own[3] : undefined,
      projection: own[plain],
    };
  });
}

/** A row of numbers. */
type Row = Float64Array;
/** What a cell keeps from step to step: the output, and for an LSTM the cell itself. */
export interface CellState {
  readonly h: Row;
  readonly c: Row | undefined;
}
/** One step of a cell: gate sums from the input and from the state, biases included, and the state before. */
export type CellRule = (fromInput: Row, fromState: Row, state: CellState) => CellState;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const row = (n: number, f: (i: number) => number): Row => Float64Array.from({ length: n }, (_, i) => f(i));

export const cellRules = {
  tanh: (x, s) => ({ h: row(x.length, (i) => Math.tanh(x[i]! + s[i]!)), c: undefined }),
  relu: (x, s) => ({ h: row(x.length, (i) => Math.max(x[i]! + s[i]!, 0)), c: undefined }),
  /** Gates: input, forget, cell, output. */
  lstm(x, s, { c }) {
    const n = x.length / 4;
    const gate = (k: number, i: number): number => x[k * n + i]! + s[k * n + i]!;
    const next = row(n, (i) => sigmoid(gate(1, i)) * c![i]! + sigmoid(gate(0, i)) * Math.tanh(gate(2, i)));
    return { h: row(n, (i) => sigmoid(gate(3, i)) * Math.tanh(next[i]!)), c: next };
  },
  /** Gates: reset, update, new. */
  gru(x, s, { h }) {
    const n = x.length / 3;
    const next = (i: number): number => {
      const reset = sigmoid(x[i]! + s[i]!);
      const update = sigmoid(x[n + i]! + s[n + i]!);
      const fresh = Math.tanh(x[2 * n + i]! + reset * s[2 * n + i]!);
      return (1 - update) * fresh + update * h[i]!;
    };
    return { h: row(n, next), c: undefined };
  },
} as const satisfies Record<string, CellRule>;

/** `weights * x + bias`, for weights `[outputs, inputs]`. */
function linear(weights: TensorData, x: Row, bias: TensorData | undefined): Row {
  const [outs, ins] = weights.type.shape as readonly number[] as [number, number];
  const w = weights.data as Float32Array;
  return row(outs, (o) => {
    let sum = bias ? Number(bias.data[o]) : 0;
    for (let i = 0; i < ins; i++) sum += w[o * ins + i]! * x[i]!;
    return sum;
  });
}

/** One step of a cell with its weights. */
export function step(rule: CellRule, w: CellWeights<TensorData>, x: Row, state: CellState): CellState {
  const next = rule(linear(w.input, x, w.inputBias), linear(w.hidden, state.h, w.hiddenBias), state);
  return w.projection ? { h: linear(w.projection, next.h, undefined), c: next.c } : next;
}

const rowAt = (x: TensorData, at: number, n: number): Row =>
  Float64Array.from(numbersOf(x).slice(at * n, (at + 1) * n) as ArrayLike<number>);
function fromRows(type: TensorType, rows: readonly Row[]): TensorData {
  const n = rows[0]?.length ?? 0;
  const out = allocate(type.dtype, rows.length * n) as NumberCarrier;
  const round = roundTo(type.dtype);
  rows.forEach((r, k) => {
    for (let i = 0; i < n; i++) out[k * n + i] = round ? round(r[i]!) : r[i]!;
  });
  return wrap(type, out);
}

/** One cell over a batch `[N, features]`. */
export function cellOverBatch(
  rule: CellRule,
  w: CellWeights<TensorData>,
  input: TensorData,
  h: TensorData,
  c: TensorData | undefined,
): TensorData[] {
  const [batch, features] = input.type.shape as readonly number[] as [number, number];
  const size = h.type.shape[1] as number;
  const states = Array.from({ length: batch }, (_, b) =>
    step(rule, w, rowAt(input, b, features), { h: rowAt(h, b, size), c: c && rowAt(c, b, c.type.shape[1] as number) }),
  );
  const out = fromRows(
    h.type,
    states.map((s) => s.h),
  );
  return c
    ? [
        out,
        fromRows(
          c.type,
          states.map((s) => s.c!),
        ),
      ]
    : [out];
}

/** What the ops over sequences say besides their tensors. */
export interface SequenceAttrs {
  readonly has_biases: boolean;
  readonly num_layers: number;
  readonly bidirectional: boolean;
  readonly batch_first: boolean;
}
interface Sequence {
  readonly input: TensorData;
  readonly h: TensorData;
  readonly c: TensorData | undefined;
  readonly params: readonly TensorData[];
}

/** Layers over a sequence: the output of the last, and the last states of all. */
export function overSequence(rule: CellRule, { input, h, c, params }: Sequence, a: SequenceAttrs): TensorData[] {
  const directions = a.bidirectional ? 2 : 1;
  const cells = cellsOf(params, a.has_biases, a.num_layers, directions);
  const shape: readonly number[] = input.type.shape;
  const [batch, length] = a.batch_first ? [shape[0]!, shape[1]!] : [shape[1]!, shape[0]!];
  const place = (t: number, b: number): number => (a.batch_first ? b * length + t : t * batch + b);
  let rows: Row[] = Array.from({ length: batch * length }, (_, i) => rowAt(input, i, shape[2]!));
  const lastH: Row[] = [];
  const lastC: Row[] = [];
  for (let layer = 0; layer < a.num_layers; layer++) {
    const out: number[][] = rows.map(() => []);
    for (let d = 0; d < directions; d++) {
      const k = layer * directions + d;
      for (let b = 0; b < batch; b++) {
        let state: CellState = {
          h: rowAt(h, k * batch + b, h.type.shape[2] as number),
          c: c && rowAt(c, k * batch + b, c.type.shape[2] as number),
        };
        for (let t = 0; t < length; t++) {
          const at = place(d === 0 ? t : length - 1 - t, b);
          state = step(rule, cells[k]!, rows[at]!, state);
          out[at]!.push(...state.h);
        }
        lastH.push(state.h);
        if (state.c) lastC.push(state.c);
      }
    }
    rows = out.map((r) => Float64Array.from(r));
  }
  const results = [
    fromRows(tensor(input.type.dtype, [shape[0]!, shape[1]!, directions * (h.type.shape[2] as number)]), rows),
    fromRows(h.type, lastH),
  ];
  return c ? [...results, fromRows(c.type, lastC)] : results;
}

/** Result types of {@link overSequence}. */
export function sequenceTypes(
  input: TensorType,
  h: TensorType,
  c: TensorType | undefined,
  a: SequenceAttrs,
): TensorType[] {
  const directions = a.bidirectional ? 2 : 1;
  for (const t of [input, h, ...(c ? [c] : [])])
    if (t.shape.length !== 3) invalid(`takes tensors of rank 3, got one of rank ${t.shape.length}`);
  if (typeof h.shape[0] === "number" && h.shape[0] !== a.num_layers * directions)
    invalid(`has ${a.num_layers} layers in ${directions} directions, but ${h.shape[0]} states`);
  const features = h.shape[2]!;
  if (typeof features !== "number") return invalid("needs a static number of features");
  return [withShape(input, [...input.shape.slice(0, 2), directions * features]), h, ...(c ? [c] : [])];
}
