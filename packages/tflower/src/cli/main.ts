import { Command, CommanderError, Option } from "commander";
import { addCalibrate } from "./calibrate.ts";
import { checkCommand } from "./check.ts";
import { compareCommand } from "./compare.ts";
import { convertCommand } from "./convert.ts";
import { inspectCommand } from "./inspect.ts";
import { addObserving } from "./observe.ts";
import { optCommand } from "./opt.ts";
import { partitionCommand } from "./partition.ts";
import { addQuantize } from "./quantize.ts";
import { addQuantizing } from "./quantizing.ts";
import { diagnosticsOf, printDiagnostics } from "./report.ts";
import { type ImportRuntime, runCommand } from "./run.ts";
import { addSettings, addSettingsButTarget } from "./settings.ts";
import { UsageError } from "./usage-error.ts";
import { addPlugins } from "./use-compiler.ts";

/** Runs the command line. Gives the exit code: 0 done, 1 something refused, 2 bad usage. `version` is what `--version` prints. */
export async function main(
  argv: readonly string[],
  importRuntime: ImportRuntime = () => import("@tflower/runtime-litert"),
  version = "of the sources",
): Promise<number> {
  let code = 0;
  const program = new Command("tflower");
  program
    .description("Lowers PyTorch programs (.pt2) to TFLite files.")
    .version(version)
    .exitOverride()
    .showHelpAfterError();
  const convert = program
    .command("convert")
    .description("convert .pt2 programs to .tflite files")
    .argument("<inputs...>", "programs saved with torch.export.save")
    .option("-o, --output <file>", "the file to write; several inputs become one signature each")
    .option("--out-dir <folder>", "write one file per input into this folder")
    .option("--model <name>", "which model of an archive that holds several");
  addObserving(addPlugins(addQuantizing(addSettings(convert))))
    .option("--emit <kinds>", "what to write: some of tflite,ir,report,model-explorer, with commas between", "tflite")
    .option("--report <file>", "write a page about the conversion: ops, transposes, partitions, weights")
    .option("--keep-going", "go on with the next input after a failure")
    .option("--json", "print one JSON line per input on stdout")
    .action(async (inputs: string[], flags) => {
      code = await convertCommand(inputs, flags, importRuntime);
    });
  const check = program
    .command("check")
    .description("list every op that cannot be lowered, with its Python line")
    .argument("<programs...>", "programs saved with torch.export.save")
    .option("--model <name>", "which model of an archive that holds several");
  addPlugins(addSettings(check))
    .option("--json", "print one JSON line per program on stdout")
    .action(async (paths: string[], flags) => {
      code = await checkCommand(paths, flags);
    });
  const opt = program
    .command("opt")
    .description("run passes over a module, and print what comes out")
    .argument("[file]", "a module: its text (.ir), a .pt2 or a .tflite")
    .option("--passes <pipeline>", 'the passes, as "a,b{x=4},repeat(c,d)"; what the head of the file says, by default')
    .option("-o, --output <file>", "write the text there, instead of printing it")
    .option("--short", "leave out the elements of large constants; the text then does not parse")
    .option("--no-verify-each", "do not verify the module after each pass")
    .option("--list-passes", "list every pass and its options, and end");
  addObserving(addPlugins(addSettings(opt))).action(async (path: string | undefined, flags) => {
    code = await optCommand(path, flags);
  });
  program
    .command("run")
    .description("run a .tflite on LiteRT")
    .argument("<model>", "the .tflite file")
    .requiredOption("--inputs <file>", "a .safetensors file with in.0, in.1, ... or tensors named as the inputs")
    .requiredOption("--outputs <file>", "the .safetensors file to write, with out.0, out.1, ...")
    .option("--signature <key>", "which signature to run; the first by default")
    .action(async (path: string, flags) => {
      code = await runCommand(path, flags, importRuntime);
    });
  const compare = program
    .command("compare")
    .description("compare a program with what it is lowered to, layer by layer, worst first")
    .argument("<program>", "a program saved with torch.export.save; with --quantized, or the float .tflite")
    .argument("[model]", "a .tflite made from it; what it would become now, by default")
    .option(
      "--reference <file>",
      "a .safetensors of PyTorch's values, by name of a node or a module; computed by default",
    )
    .option("--inputs <file>", "a .safetensors with in.0, in.1, ...; those the program was exported with, by default")
    .addOption(
      new Option("--runtime <runtime>", "what runs the lowered program: LiteRT, or the reference semantics of its ops")
        .choices(["litert", "reference"])
        .default("litert"),
    )
    .option("--report <file>", "write a page with the error of every layer")
    .option(
      "--emit-model-explorer <base>",
      "write BASE.model-explorer.json, and the error of every layer as BASE.error.json",
    )
    .option("--time", "write BASE.time.json, too: milliseconds of each op on LiteRT by itself")
    .option("--quantized", "the .tflite is quantized: compare it with the float program, both on LiteRT")
    .option(
      "--calibrate <file>",
      "with --quantized: a .safetensors with samples calib.N.in.K, and calib.N.label.0 maybe",
    )
    .option("--top <count>", "how many layers to show", "20")
    .option("--min-snr <decibels>", "exit with 1 where an output is worse")
    .option("--model <name>", "which model of an archive that holds several")
    .option("--json", "print JSON on stdout");
  addPlugins(addSettings(compare)).action(async (path: string, tflite: string | undefined, flags) => {
    code = await compareCommand(path, tflite, flags, importRuntime);
  });
  addCalibrate(program, importRuntime, (c) => {
    code = c;
  });
  addQuantize(program, importRuntime, (c) => {
    code = c;
  });
  const partition = program
    .command("partition")
    .description("show which op runs on a delegate, why others do not, and what would change it")
    .argument("<file>", "a .tflite, or a .pt2 as it would be lowered for the target")
    .requiredOption("--target <target>", "xnnpack, gpu, or qnn:SOC as qnn:SM8650")
    .addOption(
      new Option(
        "--keep-on-cpu <pattern>",
        "ops or modules that stay outside; * is any text; may be given several times",
      )
        .argParser((pattern: string, before: readonly string[] | undefined) => [...(before ?? []), pattern])
        .default(undefined),
    )
    .option("--min-ops <count>", "make no partition of fewer ops")
    .option("--max-partitions <count>", "make no more partitions than these: those with the most ops")
    .option("--ops", "list every op with its partition")
    .option("--emit <kinds>", "what to write beside the file: some of report,model-explorer, with commas between")
    .option("--report <file>", "write the page there")
    .option("--aihub", "write a Python program that profiles and runs the .tflite on Qualcomm AI Hub")
    .option(
      "--partition-only",
      "write the file with each partition in a subgraph of its own, for delegates that have such a form",
    )
    .option(
      "-o, --output <file>",
      "what --partition-only and --aihub write; without them, compile for the NPU of qnn:SOC and write what a phone loads",
    )
    .option("--qnn-libs <folder>", "where Qualcomm's QNN libraries are; QNN_LIB_DIR by default")
    .option("--model <name>", "which model of an archive that holds several")
    .option("--json", "print JSON on stdout, in the shape of AI Hub's profiles");
  addPlugins(addSettingsButTarget(partition)).action(async (path: string, flags) => {
    code = await partitionCommand(path, flags);
  });
  program
    .command("inspect")
    .description("show signatures, sizes and op counts of a .pt2 or a .tflite")
    .argument("<file>", "a .pt2 or .tflite file")
    .option("--json", "print JSON on stdout")
    .action(async (path: string, flags) => {
      code = await inspectCommand(path, flags);
    });
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (e) {
    if (e instanceof CommanderError) return e.exitCode === 0 ? 0 : 2;
    if (e instanceof UsageError) {
      process.stderr.write(`error: ${e.message}\n`);
      return 2;
    }
    printDiagnostics(diagnosticsOf(e, argv.join(" ")));
    return 1;
  }
  return code;
}
