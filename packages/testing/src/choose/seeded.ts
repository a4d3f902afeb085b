import type { Choose } from "./choose.ts";
import { RecordedChoices } from "./recorded-choices.ts";

/** Decisions that follow from a number: the same ones each time, on every machine. */
export function seeded(seed: number): Choose {
  let state = seed | 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return new RecordedChoices((count, make) =>
    Math.min(Math.floor(make ? make(uniform()) : uniform() * count), count - 1),
  );
}
