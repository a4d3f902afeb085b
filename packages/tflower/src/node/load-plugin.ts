import { pathToFileURL } from "node:url";
import { CompileError, type Plugin } from "@tflower/core";
import { cliError } from "../cli/cli-error.ts";
import { pluginOf } from "../config/plugin-of.ts";
import { findModule } from "./find-module.ts";

/** Imports a module from disk. */
export const importFile = (path: string): Promise<Record<string, unknown>> => import(pathToFileURL(path).href);

/** Loads the plugin that a package or a file exports. Throws a `CompileError` that says what was tried, expected and found. */
export async function loadPlugin(name: string, folder: string, options?: unknown): Promise<Plugin> {
  const found = findModule(name, folder);
  if ("tried" in found)
    throw cliError("CLI0008", `plugin ${name}: there is no such file or package`, {
      notes: [`expected a file, or a package that is installed there; tried ${found.tried.join(", ")}`],
      help: `check the path, or install the package: npm install ${name}`,
    });
  let exports: Record<string, unknown>;
  try {
    exports = await importFile(found.path);
  } catch (e) {
    throw cliError("CLI0008", `plugin ${name}: ${(e as Error).message.split("\n")[0]}`, {
      notes: [`${found.path} could not be loaded`],
      help: "load it by itself (node FILE) to see more, and correct it",
    });
  }
  try {
    return pluginOf(exports, name, options);
  } catch (e) {
    if (e instanceof CompileError) throw e;
    throw cliError("CLI0008", `plugin ${name}: its function failed: ${(e as Error).message}`, {
      help: "correct the plugin, or its options in the config file",
    });
  }
}
