import type { Lowering } from "@tflower/core";
import { checkLowering, type EquivalentOptions } from "../equivalence/check-lowering.ts";
import { axisMutants } from "./axis-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { mutated } from "./mutated-lowering.ts";

/** What became of a mistake. */
export interface MutantReport {
  readonly mutant: string;
  /** How often the mistake was made; 0 where the lowering emits nothing that could be wrong in this way. */
  readonly made: number;
  /** Whether the property failed, as it should. */
  readonly noticed: boolean;
}

/** Tries whether the property of `lowering` fails for each of `mutants`. */
export async function checkMutants(
  lowering: Lowering<any>,
  mutants: readonly Mutant[],
  o: EquivalentOptions = {},
): Promise<readonly MutantReport[]> {
  const out: MutantReport[] = [];
  for (const mutant of mutants) {
    const wrong = mutated(lowering, mutant);
    // the first failure is enough
    const report = await checkLowering(wrong.lowering, { ...o, shrinkFor: 0 });
    out.push({ mutant: mutant.name, made: wrong.count(), noticed: report.counterexample !== undefined });
  }
  return out;
}

/** {@link noticesFlippedAxes} with mistakes of one's own. */
export const notices =
  (mutants: readonly Mutant[]) =>
  (
    lowering: Lowering<any>,
    o: EquivalentOptions & { readonly except?: readonly string[] } = {},
  ): (() => Promise<void>) =>
  async () => {
    const reports = await checkMutants(
      lowering,
      mutants.filter((m) => !o.except?.includes(m.name)),
      o,
    );
    if (reports.every((r) => r.made === 0))
      throw new Error(
        `lowering "${lowering.name}" emits nothing that any of these mistakes could change: ${reports.map((r) => r.mutant).join("; ")}`,
      );
    const survivors = reports.filter((r) => r.made > 0 && !r.noticed);
    if (survivors.length)
      throw new Error(
        `the property of lowering "${lowering.name}" does not notice when ${survivors.map((r) => `${r.mutant} (made ${r.made} times)`).join("; or when ")}: its generator draws these axes alike, or the mistake makes no difference (then name it in "except")`,
      );
  };

/**
 * A test that the property of a lowering would fail if axes were mixed up: it puts such mistakes into the lowering, one at a time.
 *
 * @example
 * test("conv2d tells axes apart", noticesFlippedAxes(lower.conv2d));
 */
export const noticesFlippedAxes = notices(axisMutants);
