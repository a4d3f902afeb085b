/**
 * One axis of an op whose result has `stride` elements for each element of its input, and weighs near input elements by elements of a
 * kernel: a transposed convolution, or a convolution of repeated elements.
 */
export interface SpreadAxis {
  /** Extent of the input. */
  readonly extent: number;
  /** Extent of the result. */
  readonly result: number;
  readonly stride: number;
  readonly kernel: number;
  /**
   * What the result's elements `stride * q + phase` read, for any integer `phase`: kernel elements by the place of the input element,
   * counted from `q`. Several at one place are added up.
   */
  readonly reads: (phase: number) => ReadonlyMap<number, readonly number[]>;
}

/** Phases that one convolution computes: its window reaches from `low` on, and `taps[phase][place]` lists the kernel elements there. */
export interface PhaseWindow {
  readonly low: number;
  readonly taps: readonly (readonly (readonly number[])[])[];
}
/** How an axis is computed: `count` windows of each kind, and the first `cut` results of all phases together are not wanted. */
export interface AxisPlan {
  readonly windows: readonly PhaseWindow[];
  readonly cut: number;
  readonly count: number;
}

export const spanOfWindow = (w: PhaseWindow): number => w.taps[0]!.length;

/** The window that covers what `phases` read. */
function windowOf(axis: SpreadAxis, phases: readonly number[]): PhaseWindow {
  const reads = phases.map(axis.reads);
  const places = reads.flatMap((r) => [...r.keys()]);
  const low = places.length ? Math.min(...places) : 0;
  const high = places.length ? Math.max(...places) : 0;
  return { low, taps: reads.map((r) => Array.from({ length: high - low + 1 }, (_, i) => r.get(low + i) ?? [])) };
}

/** Every phase by itself: as few multiplications as possible. */
export const apart = (axis: SpreadAxis): AxisPlan => ({
  windows: Array.from({ length: axis.stride }, (_, phase) => windowOf(axis, [phase])),
  cut: 0,
  count: Math.ceil(axis.result / axis.stride),
});

/**
 * All phases from one window: as few convolutions as possible. Phases are counted from where their windows overlap most, which may lie
 * before the first result; what is computed before it is cut away.
 */
export function together(axis: SpreadAxis): AxisPlan {
  const plans = Array.from({ length: axis.stride }, (_, cut): AxisPlan => {
    const phases = Array.from({ length: axis.stride }, (_, i) => i - cut);
    return { windows: [windowOf(axis, phases)], cut, count: Math.ceil((axis.result + cut) / axis.stride) };
  });
  return plans.reduce((best, p) => (spanOfWindow(p.windows[0]!) < spanOfWindow(best.windows[0]!) ? p : best));
}

/** A transposed convolution's axis that begins at element `before` of the full result. */
export const transposedAxis = (
  extent: number,
  result: number,
  kernel: number,
  stride: number,
  before: number,
): SpreadAxis => ({
  extent,
  result,
  stride,
  kernel,
  reads(phase) {
    const at = phase + before;
    const first = ((at % stride) + stride) % stride;
    const from = (at - first) / stride;
    const out = new Map<number, readonly number[]>();
    for (let k = first, place = from; k < kernel; k += stride, place--) out.set(place, [k]);
    return out;
  },
});

/** A convolution with `before` zeros in front, over elements that are each repeated `stride` times. */
export const repeatedAxis = (
  extent: number,
  result: number,
  kernel: number,
  stride: number,
  before: number,
): SpreadAxis => ({
  extent,
  result,
  stride,
  kernel,
  reads(phase) {
    const out = new Map<number, number[]>();
    for (let k = 0; k < kernel; k++) {
      const place = Math.floor((phase + k - before) / stride);
      out.set(place, [...(out.get(place) ?? []), k]);
    }
    return out;
  },
});
