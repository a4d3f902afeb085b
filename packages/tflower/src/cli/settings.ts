import type { Settings } from "@tflower/core";
import { knownSocs, unknownSoc } from "@tflower/delegate-qnn";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Flags that say what a compilation is asked for; the names are those of the settings. */
export interface SettingsFlags {
  readonly target?: string;
  readonly state?: "resource" | "io";
  readonly mutatedInputs?: "drop" | "outputs";
  readonly int64?: "keep" | "narrow-io";
  readonly float16Io?: boolean;
  readonly nhwcInputs?: boolean;
  readonly nhwcOutputs?: boolean;
  readonly strict?: boolean;
}

/** A target that is known, or an error that says what is. */
function readTarget(target: string): string {
  if (target === "cpu" || target === "gpu") return target;
  if (!target.startsWith("qnn:"))
    throw new InvalidArgumentError('Allowed choices are cpu, gpu, and qnn:SOC as in "qnn:SM8650".');
  for (const name of target.slice("qnn:".length).split(","))
    if (!knownSocs.socs.has(name)) throw new InvalidArgumentError(unknownSoc(name).message);
  return target;
}

/** Declares the flags of {@link SettingsFlags} on a command. */
export const addSettings = (command: Command): Command =>
  addSettingsButTarget(
    command.addOption(
      new Option(
        "--target <target>",
        "what the file is to run on: cpu, by default, gpu, or qnn:SOC as qnn:SM8650",
      ).argParser(readTarget),
    ),
  );

/** The same for a command whose target means something else. */
export const addSettingsButTarget = (command: Command): Command =>
  command
    .addOption(
      new Option("--state <form>", "mutated buffers: variables of the file, or inputs and outputs state.NAME").choices([
        "resource",
        "io",
      ]),
    )
    .addOption(
      new Option("--mutated-inputs <what>", "what is written into inputs: dropped, or outputs mut.NAME").choices([
        "drop",
        "outputs",
      ]),
    )
    .addOption(
      new Option(
        "--int64 <policy>",
        "keep int64 inputs and outputs, or make them int32 where that loses nothing",
      ).choices(["keep", "narrow-io"]),
    )
    .option("--float16-io", "keep float16 inputs and outputs float16; they are float32 otherwise")
    .option("--nhwc-inputs", "images that convolutions read come with their channels last")
    .option("--nhwc-outputs", "images that convolutions give leave with their channels last")
    .option("--strict", "refuse what would otherwise be left out with a warning, such as asserts");

/** The settings that flags ask for. */
export const settingsOf = ({
  target,
  state,
  mutatedInputs,
  int64,
  float16Io,
  nhwcInputs,
  nhwcOutputs,
  strict,
}: SettingsFlags): Partial<Settings> => ({
  ...(target !== undefined && { target }),
  ...(state !== undefined && { state }),
  ...(mutatedInputs !== undefined && { mutatedInputs }),
  ...(int64 !== undefined && { int64 }),
  ...(float16Io !== undefined && { float16Io }),
  ...(nhwcInputs !== undefined && { nhwcInputs }),
  ...(nhwcOutputs !== undefined && { nhwcOutputs }),
  ...(strict !== undefined && { strict }),
});
