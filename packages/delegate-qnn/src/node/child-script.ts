import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { qnnError } from "./qnn-error.ts";

/** Places where the script may be: beside this file as it is built, where sources are built to, and where the package is installed. */
function* candidates(): Generator<string> {
  // a bundle has no place of its own
  const here: string | undefined = import.meta.url;
  if (here) {
    yield fileURLToPath(new URL("./child/main.js", here));
    yield fileURLToPath(new URL("../../dist/node/child/main.js", here));
  }
  for (const from of [process.argv[1], join(process.cwd(), "x")])
    try {
      if (from) yield createRequire(from).resolve("@tflower/delegate-qnn/node/child");
    } catch {
      // not installed there
    }
}

/** The script of the process that holds QNN's libraries. */
export function childScript(): string {
  for (const path of candidates()) if (existsSync(path)) return path;
  throw qnnError("QNN0003", "the script that holds QNN's libraries is not there", {
    help: 'install @tflower/delegate-qnn; in its repository, run "npx tsc -b"',
  });
}
