/** The range of each channel of a value: of the elements with one place on the last axis. `null` where there were no finite ones. */
export interface ChannelRanges {
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

const either = (pick: (a: number, b: number) => number) => (a: number | null, b: number | null | undefined) =>
  a === null ? (b ?? null) : b === null || b === undefined ? a : pick(a, b);
const least = either(Math.min);
const most = either(Math.max);

/** What both have seen. There are no channels where they have different numbers of them. */
export function mergeChannels(a: ChannelRanges | undefined, b: ChannelRanges | undefined): ChannelRanges | undefined {
  if (!a || !b || a.min.length !== b.min.length) return undefined;
  return { min: a.min.map((x, i) => least(x, b.min[i])), max: a.max.map((x, i) => most(x, b.max[i])) };
}

/** The largest magnitude of each channel; 0 where nothing was seen. */
export const channelMagnitudes = (c: ChannelRanges): readonly number[] =>
  c.min.map((low, i) => Math.max(0, -(low ?? 0), c.max[i] ?? 0));
