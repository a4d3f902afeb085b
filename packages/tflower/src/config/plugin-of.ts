import type { Plugin } from "@tflower/core";
import { cliError } from "../cli/cli-error.ts";

const isPlugin = (x: unknown): x is Plugin =>
  typeof x === "object" &&
  x !== null &&
  typeof (x as Plugin).name === "string" &&
  typeof (x as Plugin).apply === "function";

const kindOf = (x: unknown): string => (Array.isArray(x) ? "array" : x === null ? "null" : typeof x);

/**
 * The plugin that a module exports: its default export, `plugin`, or the only export that is one. A function is called with `options`.
 * Throws a `CompileError` that says what was expected and what the module exports.
 */
export function pluginOf(exports: Readonly<Record<string, unknown>>, module: string, options: unknown): Plugin {
  const chosen = exports["default"] ?? exports["plugin"];
  const made = typeof chosen === "function" ? (chosen as (o: unknown) => unknown)(options) : chosen;
  if (isPlugin(made)) return made;
  const others = Object.values(exports).filter(isPlugin);
  if (chosen === undefined && others.length === 1) return others[0]!;
  const list = Object.entries(exports).map(([k, v]) => `${k} (${isPlugin(v) ? "a plugin" : kindOf(v)})`);
  const why =
    chosen !== undefined
      ? `its ${"default" in exports ? "default export" : "export `plugin`"} ${typeof chosen === "function" ? "returned" : "is"} ${kindOf(made)}, and no plugin`
      : others.length
        ? "it exports several plugins, and none of them as the default"
        : "it exports no plugin";
  throw cliError("CLI0008", `plugin ${module}: ${why}`, {
    notes: [
      "expected a default export (or one called `plugin`): { name, apply(compiler) }, as definePlugin makes it, or a function of options that returns one",
      `it exports ${list.join(", ") || "nothing"}`,
    ],
    help: "export default definePlugin({ name: ..., ops: ..., lowerings: [...] })",
  });
}
