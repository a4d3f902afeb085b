import fc from "fast-check";
import { type Choose, Discarded } from "./choose.ts";
import { RecordedChoices, replay } from "./recorded-choices.ts";
import { isSimpler, simplerChoices, trimmed } from "./simpler-choices.ts";

/** Makes a value from decisions. The same decisions make the same value. */
export type Draw<T> = (choose: Choose) => T;

/** How often decisions may lead nowhere before the generator is called unfit. */
const maxAttempts = 500;

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
      if (value) return new fc.Value(value.drawn, trimmed(choices.taken));
    }
    throw new Error(
      `no ${this.what} was found in ${maxAttempts} attempts: draw what hangs together in one go instead of discarding`,
    );
  }
  canShrinkWithoutContext(_value: unknown): _value is T {
    return false;
  }
  shrink(_value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return fc.stream(this.simpler(context as readonly number[]));
  }
  private *simpler(taken: readonly number[]): Generator<fc.Value<T>, undefined> {
    for (const candidate of simplerChoices(taken)) {
      const choices = replay(candidate);
      const value = this.attempt(choices);
      const now = trimmed(choices.taken);
      if (value && isSimpler(now, taken)) yield new fc.Value(value.drawn, now);
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
