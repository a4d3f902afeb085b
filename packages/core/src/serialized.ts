import type { HookMap, SyncWaterfallHook } from "tapable";

/**
 * What backends write, by the name that taps of `serialize` use: what goes from tap to tap, and what it was made from. Backends add
 * theirs by declaration merging: `declare module "@tflower/core" { interface Serialized { ... } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: packages merge their members into it
export interface Serialized {}

/** A tap of `serialize`: gives back what it got, or something else of the same type, which the next one gets and which is written. */
export type SerializeTap<K extends keyof Serialized> = Serialized[K] extends readonly [infer What, infer From]
  ? (what: What, from: From) => What
  : never;

type SerializeHook<K extends keyof Serialized> = Serialized[K] extends readonly [infer What, infer From]
  ? SyncWaterfallHook<[What, From]>
  : never;

/** A `HookMap` whose hooks have the types that {@link Serialized} says. */
export interface SerializeHooks extends Omit<HookMap<never>, "for" | "get"> {
  for<K extends keyof Serialized>(name: K): SerializeHook<K>;
  get<K extends keyof Serialized>(name: K): SerializeHook<K> | undefined;
}
