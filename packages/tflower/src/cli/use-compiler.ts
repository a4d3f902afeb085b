import type { Compiler, Pass, Pipeline } from "@tflower/core";
import { type Command, Option } from "commander";
import { createCompiler } from "../create-compiler.ts";
import { loadConfig } from "../node/load-config.ts";
import { loadPlugin } from "../node/load-plugin.ts";
import { type SettingsFlags, settingsOf } from "./settings.ts";

/** Flags that say what a compiler is made of. */
export interface CompilerFlags extends SettingsFlags {
  readonly plugin?: readonly string[];
  readonly config?: string;
}

/** Declares the flags of {@link CompilerFlags} that are no settings. */
export const addPlugins = (command: Command): Command =>
  command
    .addOption(
      new Option("--plugin <module>", "use the plugin that a package or a file exports; may be given several times")
        .argParser((name: string, before: readonly string[] | undefined) => [...(before ?? []), name])
        .default(undefined),
    )
    .option("--config <file>", "read this config instead of tflower.config.ts, .mjs or .js in the working folder");

/** The compiler that flags and the config file ask for, and how its pipeline is changed. */
export interface ConfiguredCompiler {
  readonly compiler: Compiler;
  readonly pipeline?: (stages: Pipeline) => readonly Pass[];
}

/** Makes it. Flags go before the config file, and its plugins before theirs. */
export async function useCompiler(flags: CompilerFlags, more: object = {}): Promise<ConfiguredCompiler> {
  const folder = process.cwd();
  const config = await loadConfig(flags.config, folder);
  const plugins = [...config.plugins];
  for (const name of flags.plugin ?? []) plugins.push(await loadPlugin(name, folder));
  const compiler = createCompiler({ ...config.settings, ...more, ...settingsOf(flags) }).use(...plugins);
  return { compiler, ...(config.pipeline && { pipeline: config.pipeline }) };
}
