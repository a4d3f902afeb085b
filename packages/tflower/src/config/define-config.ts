import type { Pass, Pipeline, Plugin, Settings } from "@tflower/core";

/** A plugin as a config file names it: itself, its package or file, or one of these with options. */
export type PluginEntry = Plugin | string | readonly [module: string, options: unknown];

/** What a `tflower.config.ts` (or `.mjs`, `.js`) exports as its default. Flags of the command line come on top. */
export interface TflowerConfig {
  /** Used in order, after the presets. Paths count from the config file. */
  readonly plugins?: readonly PluginEntry[];
  readonly settings?: Partial<Settings>;
  /** Changes the array of passes. */
  readonly pipeline?: (stages: Pipeline) => readonly Pass[];
}

/**
 * Types a config file.
 *
 * @example
 * const config = defineConfig({
 *   plugins: ["tflower-plugin-swish", ["./my-plugin.ts", { level: 2 }]],
 *   settings: { target: "gpu" },
 * });
 */
export const defineConfig = (config: TflowerConfig): TflowerConfig => config;
