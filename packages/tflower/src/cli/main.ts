import { Command, CommanderError } from "commander";
import { convertCommand } from "./convert.ts";
import { diagnosticsOf, printDiagnostics } from "./report.ts";
import { UsageError } from "./usage-error.ts";

/** Runs the command line. Gives the exit code: 0 done, 1 something refused, 2 bad usage. */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command("tflower");
  program.description("Lowers PyTorch programs (.pt2) to TFLite files.").exitOverride().showHelpAfterError();
  program
    .command("convert")
    .description("convert .pt2 programs to .tflite files")
    .argument("<inputs...>", "programs saved with torch.export.save")
    .option("-o, --output <file>", "the file to write; several inputs become one signature each")
    .option("--out-dir <folder>", "write one file per input into this folder")
    .option("--target <target>", "what the file is to run on: cpu or gpu", "cpu")
    .option("--keep-going", "go on with the next input after a failure")
    .option("--json", "print one JSON line per input on stdout")
    .action(async (inputs: string[], flags) => {
      code = await convertCommand(inputs, flags);
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
