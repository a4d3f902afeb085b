import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Plugin } from "@tflower/core";
import { cliError } from "../cli/cli-error.ts";
import type { PluginEntry, TflowerConfig } from "../config/define-config.ts";
import { importFile, loadPlugin } from "./load-plugin.ts";

/** Names that are looked for, in this order. */
export const configFiles = ["tflower.config.ts", "tflower.config.mjs", "tflower.config.js"] as const;

/** A config file, read. */
export interface LoadedConfig extends Omit<TflowerConfig, "plugins"> {
  readonly plugins: readonly Plugin[];
}

/** Reads the config file that is asked for, or the one in `folder`. */
export async function loadConfig(asked: string | undefined, folder: string): Promise<LoadedConfig> {
  const path =
    asked === undefined ? configFiles.map((f) => join(folder, f)).find((f) => existsSync(f)) : resolve(folder, asked);
  if (path === undefined) return { plugins: [] };
  const refuse = (why: string, notes: readonly string[] = []): never => {
    throw cliError("CLI0009", `${path}: ${why}`, {
      notes,
      help: "write it as: export default defineConfig({ plugins: [...], settings: {...} }), with defineConfig from tflower",
    });
  };
  if (!existsSync(path)) refuse("there is no such file");
  let exports: Record<string, unknown> = {};
  try {
    exports = await importFile(path);
  } catch (e) {
    refuse((e as Error).message.split("\n")[0]!, ["the file could not be loaded"]);
  }
  const config = check(exports["default"] ?? exports["config"], refuse);
  const plugins: Plugin[] = [];
  for (const entry of config.plugins ?? []) plugins.push(await pluginFor(entry, dirname(path), refuse));
  return { ...config, plugins };
}

type Refuse = (why: string, notes?: readonly string[]) => never;

const kinds: Readonly<Record<keyof TflowerConfig, readonly [expected: string, check: (v: unknown) => boolean]>> = {
  plugins: ["a list of plugins, names, or [name, options]", Array.isArray],
  settings: ["an object of settings", (v) => typeof v === "object" && v !== null],
  pipeline: ["a function of the stages that returns passes", (v) => typeof v === "function"],
};

function check(config: unknown, refuse: Refuse): TflowerConfig {
  if (typeof config !== "object" || config === null)
    return refuse(`expected a default export that is an object, got ${config === null ? "null" : typeof config}`);
  for (const [k, v] of Object.entries(config)) {
    const kind = Object.hasOwn(kinds, k) ? kinds[k as keyof TflowerConfig] : undefined;
    if (!kind) return refuse(`"${k}" is no part of a config; expected ${Object.keys(kinds).join(", ")}`);
    if (v !== undefined && !kind[1](v)) return refuse(`"${k}" must be ${kind[0]}, got ${typeof v}`);
  }
  return config;
}

function pluginFor(entry: PluginEntry, folder: string, refuse: Refuse): Promise<Plugin> | Plugin {
  if (typeof entry === "string") return loadPlugin(entry, folder);
  if (Array.isArray(entry) && typeof entry[0] === "string") return loadPlugin(entry[0], folder, entry[1]);
  const plugin = entry as Plugin;
  if (typeof plugin !== "object" || plugin === null || typeof plugin.apply !== "function")
    return refuse(`"plugins" must be ${kinds.plugins[0]}, and one of them is ${typeof entry}`);
  return plugin;
}
