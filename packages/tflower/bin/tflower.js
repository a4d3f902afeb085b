#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "./load-bundle.js";
import { registerLoader, wantsPlugins } from "./plugin-host.js";

/**
 * The bundle starts fastest. Plugins import tflower's packages themselves, and ops are compared by identity: with plugins the CLI runs
 * from the packages, so that there is one copy of each.
 */
async function importMain() {
  if (!wantsPlugins(process.argv.slice(2), process.cwd()))
    return load(fileURLToPath(new URL("../dist/bundle/main.cjs", import.meta.url))).exports;
  // first the packages, so that only what the user brings goes through the loader
  const main = await import("../dist/cli/main.js");
  registerLoader();
  return main;
}

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const { main } = await importMain();
const code = await main(process.argv.slice(2), () => import("@tflower/runtime-litert"), version);
// what is written is on its way before the process ends; taking the heap apart would cost more than small conversions do
for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write("", done));
process.exit(code);
