import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** A module that was found, or everything that was tried. */
export type FoundModule = { readonly path: string } | { readonly tried: readonly string[] };

/**
 * Finds a plugin: a file, counted from `folder`, or a package in `node_modules` there or above, by its name or as
 * `tflower-plugin-NAME`.
 */
export function findModule(name: string, folder: string): FoundModule {
  const path = resolve(folder, name);
  if (isFile(path)) return { path };
  const tried = [path];
  if (name.startsWith(".") || isAbsolute(name)) return { tried };
  for (const candidate of [name, `tflower-plugin-${name}`]) {
    for (let at = resolve(folder); ; at = dirname(at)) {
      const home = join(at, "node_modules", candidate);
      const entry = isFile(join(home, "package.json")) ? entryOf(home) : undefined;
      if (entry && isFile(entry)) return { path: entry };
      if (entry) tried.push(`${entry}, which ${join(home, "package.json")} names`);
      if (dirname(at) === at) break;
    }
    tried.push(`package ${candidate}`);
  }
  return { tried };
}

type Exports = string | null | { readonly [condition: string]: Exports } | readonly Exports[];

/** The file that importing a package gives. */
function entryOf(home: string): string {
  const { exports, main } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as {
    readonly exports?: Exports;
    readonly main?: string;
  };
  const root = typeof exports === "object" && exports && "." in exports ? exports["."] : exports;
  return join(home, conditional(root) ?? main ?? "index.js");
}
function conditional(e: Exports | undefined): string | undefined {
  if (typeof e === "string") return e;
  if (Array.isArray(e)) return e.map(conditional).find((x) => x !== undefined);
  for (const [k, v] of Object.entries(e ?? {})) {
    const found = ["import", "node", "module-sync", "default"].includes(k) ? conditional(v as Exports) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
