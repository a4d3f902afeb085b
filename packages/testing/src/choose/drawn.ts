import fc from "fast-check";
import { type Choose, Discarded } from "./choose.ts";
import { RecordedChoices, replay } from "./recorded-choices.ts";
import { isSimpler, simplerChoices, trimmed } from "./simpler-choices.ts";

/** Makes a value from decisions. The same decisions make the same value. */
export type Draw<T> = (choose: Choose) => T;

/** How often decisions may lead nowhere before the generator is called unfit. */
const maxAttempts = 500;

/** How many decisions a counterexample may be replayed with before it is small enough: a few seconds where drawing is slow. */
const maxShrinkWork = 4_000_000;

/** What is needed to shrink a value, and how much work is left for all that it shrinks to. */
interface Shrinking {
  readonly taken: readonly number[];
  readonly work: { left: number };
}

/** A fast-check arbitrary of what `draw` makes; it shrinks by simplifying the decisions. `what` names it in messages. */
export const drawn = <T>(draw: Draw<T>, what = "value"): fc.Arbitrary<T> => new Drawn(draw, what);

class Drawn<T> extends fc.Arbitrary<T> {
  private readonly draw: Draw<T>;
  private readonly what: string;
  constructor(draw: Draw<T>, what: string) {
    super();
    this.draw = draw;
    this.what = what;
  }
  generate(random: fc.Random): fc.Value<T> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const choices = new RecordedChoices((count, make) =>
        make ? Math.min(Math.max(make(random.nextDouble()), 0), count - 1) : random.nextInt(0, count - 1),
      );
      const value = this.attempt(choices);
      if (value) return new fc.Value(value.drawn, shrinking(choices.taken, { left: maxShrinkWork }));
    }
    throw new Error(
      `no ${this.what} was found in ${maxAttempts} attempts: draw what hangs together in one go instead of discarding`,
    );
  }
  canShrinkWithoutContext(_value: unknown): _value is T {
    return false;
  }
  shrink(_value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return fc.stream(this.simpler(context as Shrinking));
  }
  private *simpler({ taken, work }: Shrinking): Generator<fc.Value<T>, undefined> {
    for (const candidate of simplerChoices(taken)) {
      if (work.left <= 0) return;
      const choices = replay(candidate);
      const value = this.attempt(choices);
      work.left -= choices.taken.length + 1;
      const next = shrinking(choices.taken, work);
      if (value && isSimpler(next.taken, taken)) yield new fc.Value(value.drawn, next);
    }
  }
  private attempt(choices: RecordedChoices): { readonly drawn: T } | undefined {
    try {
      return { drawn: this.draw(choices) };
    } catch (e) {
      if (e instanceof Discarded) return undefined;
      throw e;
    }
  }
}

const shrinking = (taken: readonly number[], work: Shrinking["work"]): Shrinking => ({ taken: trimmed(taken), work });
