import { isStaticShape, type Node, type Value } from "@tflower/core";
import { concatenation, split } from "../dialect/join.ts";
import { reshape, transpose } from "../dialect/layout.ts";
import { slice } from "../dialect/slice.ts";
import { takenOf } from "./taken-of.ts";

/** A channel of a value that something computes. */
export interface Channel {
  readonly base: Value;
  readonly index: number;
}
/** Where the channels of an image come from, one by one. */
export type Origins = readonly Channel[];

/** An op that only puts channels of images in another order, and the images it reads. */
export interface ChannelMove {
  readonly inputs: readonly Value[];
  /** Channels of result `result` from those of the inputs. */
  readonly route: (inputs: readonly Origins[], result: number) => Origins;
}

const isImage = (v: Value): boolean =>
  v.type.dtype === "f32" && v.type.shape.length === 4 && isStaticShape(v.type.shape);
const isLast = (axis: number): boolean => axis === 3 || axis === -1;

/** What `node` does to channels, if that is all it does. The first two ops of a shuffle count as parts of its last. */
export function channelMove(node: Node): ChannelMove | undefined {
  if (!node.results.every(isImage)) return undefined;
  if (node.is(concatenation) && isLast(node.attrs.axis))
    return { inputs: node.inputs, route: (inputs) => inputs.flat() };
  if (node.is(split) && isLast((node as unknown as Node<typeof split>).attrs.axis)) {
    const count = node.results.length;
    const route = ([x]: readonly Origins[], i: number): Origins =>
      x!.slice((x!.length / count) * i, (x!.length / count) * (i + 1));
    return { inputs: node.inputs, route };
  }
  if (node.is(slice)) {
    const taken = takenOf(node);
    if (!taken || taken.some((t, i) => t && i < 3)) return undefined;
    const t = taken[3];
    return { inputs: [node.inputs[0]!], route: ([x]) => (t ? x!.slice(t.start, t.start + t.count) : x!) };
  }
  return shuffle(node);
}

/** `reshape(transpose(reshape(x, [.., g, k]), last two axes), [.., k * g])` */
function shuffle(node: Node): ChannelMove | undefined {
  const t = node.is(reshape) ? node.inputs[0]?.producer : undefined;
  const r = t?.is(transpose) ? t.inputs[0]!.producer : undefined;
  const x = r?.is(reshape) ? r.inputs[0]! : undefined;
  if (!t || !r || !x || !isImage(x) || node.inputs.length + r.inputs.length > 2) return undefined;
  const perm = (t as unknown as Node<typeof transpose>).attrs.perm;
  const parts = r.results[0]!.type.shape as readonly number[];
  if (perm.join() !== "0,1,2,4,3" || t.results[0]!.users.size > 1 || r.results[0]!.users.size > 1) return undefined;
  const same = [0, 1, 2].every((i) => x.type.shape[i] === parts[i] && node.results[0]!.type.shape[i] === parts[i]);
  const [groups, each] = [parts[3]!, parts[4]!];
  if (!same || x.type.shape[3] !== groups * each) return undefined;
  const route = ([c]: readonly Origins[]): Origins =>
    c!.map((_, i) => c![(i % groups) * each + Math.floor(i / groups)]!);
  return { inputs: [x], route };
}

/** Whether the op puts channels of one image among each other, which is what costs. */
export const isShuffle = (node: Node): boolean => node.is(reshape);
