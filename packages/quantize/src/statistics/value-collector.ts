import { numbersOf, staticShape, type TensorData } from "@tflower/core";
import type { ChannelRanges } from "./channel-ranges.ts";
import { countElements, leastOf } from "./count-elements.ts";
import { showUnits, toUnits } from "./exact-sum.ts";
import { binsPerSign, extreme, extremeBin, type Histogram, nonFiniteBin } from "./histogram.ts";
import { type MovingSegment, mergeMoving, movingSegment } from "./moving-range.ts";
import type { Range } from "./range.ts";
import { maskBelow, type ValueStatistics } from "./value-statistics.ts";

/** A count has 32 bits while elements are counted. */
const mostCounted = 2 ** 32 - 1;
const nothing: Range = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
const widen = (r: Range, by: Range): Range => ({ min: Math.min(r.min, by.min), max: Math.max(r.max, by.max) });

/** Gathers the statistics of one value. Its memory depends neither on the size of the value nor on the number of samples. */
export class ValueCollector {
  private readonly counts = new Uint32Array(2 * binsPerSign);
  /** What has been counted before the counts of 32 bits would have overflowed. */
  private spilled: Float64Array | undefined;
  private sinceSpill = 0;
  private range = nothing;
  private above = Number.POSITIVE_INFINITY;
  private sum = 0n;
  private squares = 0n;
  private sample = nothing;
  private moving: readonly MovingSegment[] = [];
  private channelMin: Float64Array | undefined;
  private channelMax: Float64Array | undefined;
  private readonly wantsChannels: boolean;
  private readonly spillAt: number;
  private ragged = false;

  constructor(options: { readonly channels?: boolean; readonly spillAt?: number } = {}) {
    this.wantsChannels = options.channels ?? false;
    this.spillAt = options.spillAt ?? mostCounted;
  }

  /** Looks at the elements of one observation. */
  add(t: TensorData): void {
    const given = numbersOf(t);
    const elements = given instanceof Float32Array ? given : Float32Array.from(given);
    if (this.sinceSpill + elements.length > this.spillAt) this.spill();
    this.sinceSpill += elements.length;
    const found = countElements(elements, this.counts);
    this.sum += toUnits(found.sum);
    this.squares += toUnits(found.squares);
    this.sample = widen(this.sample, found);
    const above = found.min > maskBelow ? found.min : leastOf(elements, maskBelow);
    if (above < extreme) this.above = Math.min(this.above, above);
    if (this.wantsChannels) this.addChannels(elements, staticShape(t.type.shape).at(-1) ?? 1);
  }

  /** Says that the sample of this index is over. */
  endSample(index: number): void {
    if (this.sample.min <= this.sample.max) {
      this.moving = mergeMoving(this.moving, [movingSegment(index, this.sample)]);
      this.range = widen(this.range, this.sample);
    }
    this.sample = nothing;
  }

  /** What has been seen in the samples that are over. */
  statistics(): ValueStatistics {
    const { histogram, nonFinite, extremes } = this.histogram();
    const count = histogram.counts.reduce((n, c) => n + c, 0);
    return {
      ...(count ? this.range : { min: 0, max: 0 }),
      count,
      nonFinite,
      extreme: extremes,
      ...(this.above < extreme && { minAboveMasks: this.above }),
      sum: showUnits(this.sum),
      squares: showUnits(this.squares),
      histogram,
      moving: this.moving,
      ...this.channels(),
    };
  }

  private spill(): void {
    this.spilled ??= new Float64Array(2 * binsPerSign);
    for (let i = 0; i < this.counts.length; i++) this.spilled[i]! += this.counts[i]!;
    this.counts.fill(0);
    this.sinceSpill = 0;
  }

  private histogram(): { histogram: Histogram; nonFinite: number; extremes: number } {
    const bins: number[] = [];
    const counts: number[] = [];
    let [nonFinite, extremes] = [0, 0];
    const take = (index: number, bin: number): void => {
      const n = this.counts[index]! + (this.spilled?.[index] ?? 0);
      if (n === 0) return;
      const size = index % binsPerSign;
      if (size >= nonFiniteBin) nonFinite += n;
      else if (size >= extremeBin) extremes += n;
      else {
        bins.push(bin);
        counts.push(n);
      }
    };
    for (let i = binsPerSign - 1; i >= 0; i--) take(binsPerSign + i, -1 - i);
    for (let i = 0; i < binsPerSign; i++) take(i, i);
    return { histogram: { bins, counts }, nonFinite, extremes };
  }

  private addChannels(elements: Float32Array, channels: number): void {
    this.channelMin ??= new Float64Array(channels).fill(Number.POSITIVE_INFINITY);
    this.channelMax ??= new Float64Array(channels).fill(Number.NEGATIVE_INFINITY);
    const [low, high] = [this.channelMin, this.channelMax];
    if (low.length !== channels) this.ragged = true;
    if (this.ragged) return;
    for (let at = 0; at < elements.length; at += channels)
      for (let c = 0; c < channels; c++) {
        const x = elements[at + c]!;
        if (!(x < extreme && x > -extreme)) continue;
        if (x < low[c]!) low[c] = x;
        if (x > high[c]!) high[c] = x;
      }
  }

  private channels(): { channels?: ChannelRanges } {
    if (!this.channelMin || !this.channelMax || this.ragged) return {};
    const finite = (x: number): number | null => (Number.isFinite(x) ? x + 0 : null);
    return { channels: { min: Array.from(this.channelMin, finite), max: Array.from(this.channelMax, finite) } };
  }
}
