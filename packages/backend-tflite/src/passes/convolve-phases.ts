import { type Node, type Rewriter, tensorData, type Value } from "@tflower/core";
import { depthToSpace } from "../dialect/blocks.ts";
import { conv2d } from "../dialect/convolution.ts";
import type { FusedActivation } from "../dialect/define-tfl.ts";
import { add } from "../dialect/elementwise-binary.ts";
import { gather } from "../dialect/gather.ts";
import { concatenation } from "../dialect/join.ts";
import { reshape, transpose } from "../dialect/layout.ts";
import { pad } from "../dialect/pad.ts";
import { tile } from "../dialect/repeat.ts";
import { slice } from "../dialect/slice.ts";
import { constantOf } from "./constant-of.ts";
import { convolutionCost, type KernelCosts, moveCost } from "./kernel-costs.ts";
import { type AxisPlan, apart, type PhaseWindow, type SpreadAxis, spanOfWindow, together } from "./phase-plan.ts";

/** An op that {@link SpreadAxis} describes along both axes of an image. */
export interface SpreadConvolution {
  readonly input: Value;
  /** `[O, kh, kw, I]`, a constant. */
  readonly filter: Value;
  readonly bias: Value | undefined;
  readonly activation: FusedActivation;
  readonly axes: readonly [SpreadAxis, SpreadAxis];
}

/** How the phases become pixels again. */
type Joint = "blocks" | "rows" | "plain";
export interface PhaseForm {
  readonly plans: readonly [AxisPlan, AxisPlan];
  readonly joint: Joint;
  readonly cost: number;
}

type Shape4 = readonly [number, number, number, number];
const extents = (v: Value): Shape4 => v.type.shape as unknown as Shape4;

/** What convolutions, moves and cuts of a form cost. */
function costOf(
  c: SpreadConvolution,
  [rows, columns]: readonly [AxisPlan, AxisPlan],
  joint: Joint,
  costs: KernelCosts,
): number {
  const [batch, , , depth] = extents(c.input);
  const [channels] = extents(c.filter);
  const pixels = batch * rows.count * columns.count;
  let cost = 0;
  for (const r of rows.windows)
    for (const w of columns.windows)
      cost += convolutionCost(
        costs,
        pixels,
        spanOfWindow(r) * spanOfWindow(w) * depth,
        r.taps.length * w.taps.length * channels,
      );
  const results = pixels * c.axes[0].stride * c.axes[1].stride * channels;
  if (columns.windows.length > 1) cost += moveCost(costs, results);
  if (joint !== "plain") cost += moveCost(costs, results);
  if (isCut(c, [rows, columns])) cost += moveCost(costs, batch * c.axes[0].result * c.axes[1].result * channels);
  return cost;
}
const isCut = (c: SpreadConvolution, plans: readonly [AxisPlan, AxisPlan]): boolean =>
  plans.some((p, i) => p.cut > 0 || p.count * c.axes[i]!.stride !== c.axes[i]!.result);

/** All ways to compute the phases within what a delegate takes. */
export function phaseForms(c: SpreadConvolution, costs: KernelCosts): readonly PhaseForm[] {
  const [h, w] = c.axes;
  const forms: PhaseForm[] = [];
  const consider = (rows: AxisPlan, columns: AxisPlan, joint: Joint): void => {
    const plans = [rows, columns] as const;
    if (plans.some((p) => p.windows.length > costs.concatenated)) return;
    if (joint === "blocks" && rows.windows.length * columns.windows.length > costs.concatenated) return;
    forms.push({ plans, joint, cost: costOf(c, plans, joint, costs) });
  };
  if (h.stride === 1) {
    for (const columns of [together(w), apart(w)]) consider(together(h), columns, "plain");
  } else {
    // rows of one pixel need no joint either
    if (w.stride === 1 && w.result === 1 && w.extent === 1) consider(together(h), together(w), "plain");
    if (h.stride === w.stride) {
      consider(together(h), together(w), "blocks");
      consider(apart(h), apart(w), "blocks");
    }
    for (const columns of [together(w), apart(w)]) consider(apart(h), columns, "rows");
  }
  return forms;
}

/** The cheapest of {@link phaseForms}, if there is one. */
export const cheapestForm = (c: SpreadConvolution, costs: KernelCosts): PhaseForm | undefined =>
  phaseForms(c, costs).reduce<PhaseForm | undefined>((best, f) => (best && best.cost <= f.cost ? best : f), undefined);

/** The filter of one convolution: `[phases * O, rows, columns, I]`, phases of rows outermost. */
function filterOf(rewriter: Rewriter, filter: Value, row: PhaseWindow, column: PhaseWindow): Value {
  const [channels, , , depth] = extents(filter);
  const down = selected(rewriter, filter, 1, row);
  const both = selected(rewriter, down, 3, column);
  const ordered = constantOf(rewriter, transpose, { input: both }, { perm: [1, 3, 0, 2, 4, 5] });
  const shape = [row.taps.length * column.taps.length * channels, spanOfWindow(row), spanOfWindow(column), depth];
  return constantOf(rewriter, reshape, { input: ordered }, { shape }, filter.name);
}

/** `v` with `axis` replaced by the phases of `w` and their places. */
function selected(rewriter: Rewriter, v: Value, axis: number, w: PhaseWindow): Value {
  const extent = v.type.shape[axis] as number;
  const most = Math.max(1, ...w.taps.flat().map((t) => t.length));
  const empty = w.taps.flat().some((t) => t.length < most);
  const paddings = v.type.shape.flatMap((_, i) => [0, i === axis ? 1 : 0]);
  const params = empty ? constantOf(rewriter, pad, { input: v }, { paddings }) : v;
  const parts = Array.from({ length: most }, (_, i) => {
    const places = w.taps.flatMap((phase) => phase.map((t) => t[i] ?? extent));
    const indices = rewriter.constant(
      tensorData("i32", [w.taps.length, spanOfWindow(w)], Int32Array.from(places) as never),
    );
    return constantOf(rewriter, gather, { params, indices }, { axis });
  });
  return parts.reduce((lhs, rhs) => constantOf(rewriter, add, { lhs, rhs }, {}));
}

/** `x` with zeros where the windows reach beyond it, and without what none of them reads. */
function framed(
  rewriter: Rewriter,
  x: Value,
  places: readonly (readonly [before: number, after: number])[],
  place: { readonly before: Node },
): Value {
  const [n, , , c] = extents(x);
  const cut = places.map(([a, b]) => [Math.max(-a, 0), Math.max(-b, 0)] as const);
  const seen = cut.flat().some((k) => k > 0)
    ? rewriter.emit(slice, { input: x }, place, {
        begin: [0, cut[0]![0], cut[1]![0], 0],
        size: [n, ...cut.map(([a, b], i) => extents(x)[i + 1]! - a - b), c],
      })
    : x;
  const paddings = [0, 0, ...places.flat().map((k) => Math.max(k, 0)), 0, 0];
  return paddings.some((p) => p > 0) ? rewriter.emit(pad, { input: seen }, place, { paddings }) : seen;
}

/** Replaces the values of `c` by phases in `form`; the nodes go before `at`. */
export function convolvePhases(rewriter: Rewriter, c: SpreadConvolution, form: PhaseForm, at: Node): Value {
  const place = { before: at, locations: at.locations };
  const [rows, columns] = form.plans;
  const [h, w] = c.axes;
  const [batch] = extents(c.input);
  const [channels] = extents(c.filter);
  const [high, wide] = [rows.count, columns.count];
  const lines = rows.windows.map((row) => {
    const parts = columns.windows.map((column) => {
      const margins = [row, column].map((p, i) => {
        const after = form.plans[i]!.count - 1 + p.low + spanOfWindow(p) - c.axes[i]!.extent;
        return [-p.low, after] as const;
      });
      const same = [row, column].every((p, i) => {
        const [before, after] = margins[i]!;
        const total = spanOfWindow(p) - 1;
        return before === Math.floor(total / 2) && before + after === total;
      });
      const filter = filterOf(rewriter, c.filter, row, column);
      const copies = row.taps.length * column.taps.length;
      const bias =
        c.bias && (copies > 1 ? constantOf(rewriter, tile, { input: c.bias }, { multiples: [copies] }) : c.bias);
      const input = same ? c.input : framed(rewriter, c.input, margins, place);
      return rewriter.emit(conv2d, { input, filter, bias }, place, {
        padding: same ? "SAME" : "VALID",
        fused_activation_function: c.activation,
      });
    });
    return parts;
  });
  const join = (values: readonly Value[], axis: number): Value =>
    values.length === 1 ? values[0]! : rewriter.emit(concatenation, { values }, place, { axis });
  let full: Value;
  if (form.joint === "blocks")
    full = rewriter.emit(depthToSpace, { input: join(lines.flat(), 3) }, place, { block_size: h.stride });
  else {
    const width = wide * w.stride * channels;
    const joined = lines.map((parts) => join(parts, 3));
    // rows of one phase lie side by side: whole rows are copied, and the order is that of pixels
    const flat =
      joined.length === 1
        ? joined[0]!
        : join(
            joined.map((v) => rewriter.emit(reshape, { input: v }, place, { shape: [batch, high, 1, width] })),
            2,
          );
    full = rewriter.emit(reshape, { input: flat }, place, {
      shape: [batch, high * h.stride, wide * w.stride, channels],
    });
  }
  return isCut(c, form.plans)
    ? rewriter.emit(slice, { input: full }, place, {
        begin: [0, rows.cut, columns.cut, 0],
        size: [batch, h.result, w.result, channels],
      })
    : full;
}
