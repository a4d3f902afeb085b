import { readFile } from "node:fs/promises";
import { fromTfliteFile, readTflite } from "@tflower/backend-tflite";
import { type Compiler, type Diagnostic, type Module, parseModule } from "@tflower/core";
import { importProgram, readPt2 } from "@tflower/frontend-pt2";
import { fileSource } from "../node/file-source.ts";

/**
 * A module from a text, a `.pt2` (imported, nothing lowered) or a `.tflite`: what the file begins with decides. `done` names the passes it
 * has been through, where that is known.
 */
export async function readModule(
  path: string,
  compiler: Compiler,
  report: (d: Diagnostic) => void,
): Promise<{ readonly module: Module; readonly text?: string; readonly done?: readonly string[] }> {
  const source = await fileSource(path);
  const head = await source.read(0, Math.min(8, source.size));
  if (head[0] === 0x50 && head[1] === 0x4b)
    return { module: await importProgram(await readPt2(source), compiler, { report }), done: [] };
  const bytes = await readFile(path);
  if (String.fromCharCode(...head.subarray(4, 8)) === "TFL3")
    return { module: fromTfliteFile(readTflite(bytes), { name: path }) };
  const text = bytes.toString("utf8");
  return { module: parseModule(text, compiler.knownOps, { file: path }), text };
}
