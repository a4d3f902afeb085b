import { existsSync } from "node:fs";
import * as module from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const configs = ["ts", "mjs", "js"].map((e) => `tflower.config.${e}`);

/** Whether an argument names a recipe that is code. */
const isRecipe = (a, before) => /\.[mc]?[jt]s$/.test(a) && (before === "--quantize" || a.startsWith("--quantize="));

/** Whether a command line, or a config file in its folder, asks for modules of the user's. */
export const wantsPlugins = (argv, folder) =>
  argv.some((a, i) => /^--(plugin|config)(=|$)/.test(a) || isRecipe(a, argv[i - 1])) ||
  configs.some((c) => existsSync(join(folder, c)));

/** Lets modules that are imported from now on be TypeScript, and gives them this copy of tflower's packages. */
export function registerLoader() {
  module.register("./loader-hooks.js", {
    parentURL: import.meta.url,
    data: { home: import.meta.url, folder: pathToFileURL(join(process.cwd(), "x")).href },
  });
}
