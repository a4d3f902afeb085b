import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import { LiteRtError } from "./litert-error.ts";
import type { ModuleFactory } from "./wasm-module.ts";

const require = createRequire(import.meta.url);
const toPath = (folder: string): string => (folder.startsWith("file:") ? fileURLToPath(folder) : folder);

/** The installed package's folder. */
export function defaultFolder(): string {
  try {
    return dirname(require.resolve("@litertjs/core/wasm/litert_wasm_compat_internal.js"));
  } catch (cause) {
    throw new LiteRtError("RUN0001", "expected the package @litertjs/core to be installed", {
      help: "install @litertjs/core, or let wasmUrl name the folder that holds its wasm files",
      cause,
    });
  }
}

/**
 * The script is a CommonJS one inside a package that says "type": "module", so neither `import` nor `require` can load
 * it. As a function with the five names that it looks for it needs no globals: nothing has to be restored.
 */
export async function loadScript(folder: string, file: string): Promise<ModuleFactory> {
  const filename = join(toPath(folder), file);
  const run = compileFunction(
    await readFile(filename, "utf8"),
    ["module", "exports", "require", "__filename", "__dirname"],
    {
      filename,
    },
  );
  const module: { exports: unknown } = { exports: {} };
  run(module, module.exports, require, filename, dirname(filename));
  if (typeof module.exports !== "function") throw new Error(`${file} exports no module factory`);
  return module.exports as ModuleFactory;
}

export async function compile(folder: string, file: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(join(toPath(folder), file)));
}
