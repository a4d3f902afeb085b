import { staticShape, type Value } from "@tflower/core";
import { dimsOf, mostAxes, type QnnGraphBuilder, reshaped } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";

/** Runs of neighbouring axes that an op treats alike, as `[from, to)`. Axes of one element go with any run. */
function runsOf(count: number, alike: (axis: number) => string | undefined): (readonly [number, number])[] {
  const runs: [number, number][] = [];
  let last: string | undefined;
  for (let i = 0; i < count; i++) {
    const kind = alike(i);
    const open = runs.at(-1);
    if (open && (kind === undefined || last === undefined || kind === last)) {
      open[1] = i + 1;
      last ??= kind;
    } else {
      runs.push([i, i + 1]);
      last = kind;
    }
  }
  return runs;
}
const joined = (shape: readonly number[], runs: readonly (readonly [number, number])[]): number[] =>
  runs.map(([from, to]) => shape.slice(from, to).reduce((n, d) => n * d, 1));

function checkAxes(runs: readonly unknown[], what: string, most: number): void {
  if (runs.length > most)
    refuse(`${what} of ${runs.length} axes that cannot be joined; the HTP has up to ${most}`, "join axes by a reshape");
}

/** A tensor in another shape of the same elements. */
function inShape(b: QnnGraphBuilder, value: Value, shape: readonly number[]): number {
  const id = b.of(value);
  const have = dimsOf(value.type);
  if (have.length === shape.length && have.every((d, i) => d === shape[i])) return id;
  const to = b.between(reshaped(value.type, shape));
  b.node("Reshape", [id], [to]);
  return to;
}

/** Calls `make` with the tensor that it is to write, and puts what it writes in the shape of `result`. */
function writing(b: QnnGraphBuilder, result: Value, shape: readonly number[], make: (to: number) => void): void {
  const have = dimsOf(result.type);
  if (have.length === shape.length && have.every((d, i) => d === shape[i])) {
    make(b.of(result));
    return;
  }
  const from = b.between(reshaped(result.type, shape));
  make(from);
  b.node("Reshape", [from], [b.of(result)]);
}

/** An op by element over operands that broadcast: where there are more axes than the HTP has, those that all treat alike are one. */
export function elementwiseOver(
  b: QnnGraphBuilder,
  operands: readonly Value[],
  result: Value,
  make: (inputs: readonly number[], to: number) => void,
  most: number = mostAxes,
): void {
  const out = staticShape(result.type.shape);
  if (out.length <= most) {
    make(
      operands.map((v) => b.of(v)),
      b.of(result),
    );
    return;
  }
  const shapes = operands.map((v) => {
    const s = staticShape(v.type.shape);
    return [...new Array<number>(out.length - s.length).fill(1), ...s];
  });
  const runs = runsOf(out.length, (i) =>
    out[i] === 1 ? undefined : shapes.map((s) => (s[i] === 1 ? "1" : "x")).join(""),
  );
  checkAxes(runs, "it broadcasts tensors", most);
  const inputs = operands.map((v, i) => inShape(b, v, joined(shapes[i]!, runs)));
  writing(b, result, joined(out, runs), (to) => make(inputs, to));
}

/** A permutation of axes: those that stay together are one, where there are more than the HTP has. */
export function transposeOver(
  b: QnnGraphBuilder,
  input: Value,
  perm: readonly number[],
  result: Value,
  make: (from: number, perm: readonly number[], to: number) => void,
): void {
  const shape = staticShape(input.type.shape);
  if (shape.length <= mostAxes) {
    make(b.of(input), perm, b.of(result));
    return;
  }
  // runs of axes in the result that follow one another in the input, too, without those of one element
  const wide = perm.filter((p) => shape[p] !== 1);
  const runs: number[][] = [];
  for (const p of wide) {
    const before = runs.at(-1)?.at(-1);
    const next = before === undefined ? undefined : wide.toSorted((x, y) => x - y).find((x) => x > before);
    if (next === p) runs.at(-1)!.push(p);
    else runs.push([p]);
  }
  checkAxes(runs, "it permutes tensors", mostAxes);
  const order = [...runs.keys()].sort((x, y) => runs[x]![0]! - runs[y]![0]!);
  const extent = (run: readonly number[]): number => run.reduce((n, p) => n * shape[p]!, 1);
  const from = inShape(
    b,
    input,
    order.map((r) => extent(runs[r]!)),
  );
  writing(b, result, runs.map(extent), (to) =>
    make(
      from,
      runs.map((_, r) => order.indexOf(r)),
      to,
    ),
  );
}
