// Hooks of Node's module loader, for plugins and config files. They run in a thread of their own.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

let home;
let folder;
export function initialize(data) {
  ({ home, folder } = data);
}

const own = /^(tflower|@tflower\/[\w-]+)(\/.*)?$/;

/** tflower's packages are this copy of them, whatever lies beside the plugin: ops are compared by identity. */
export async function resolve(specifier, context, next) {
  if (own.test(specifier))
    try {
      return await next(specifier, { ...context, parentURL: home });
    } catch {
      // one that this copy does not bring along, such as @tflower/testing
    }
  return next(specifier, context);
}

/** Tools that turn TypeScript into JavaScript, where Node cannot; whichever the user has. */
const tools = {
  esbuild: (tool, source, path) =>
    tool.transformSync(source, { loader: "ts", format: "esm", sourcefile: path, sourcemap: "inline" }).code,
  typescript: (tool, source, path) =>
    tool.transpileModule(source, {
      fileName: path,
      compilerOptions: { module: tool.ModuleKind.ESNext, target: tool.ScriptTarget.ES2022, inlineSourceMap: true },
    }).outputText,
};

export async function load(url, context, next) {
  if (!url.startsWith("file:") || !/\.m?ts$/.test(new URL(url).pathname)) return next(url, context);
  // Node reads TypeScript itself from 22.18 on, but not in packages
  if (process.features.typescript && !url.includes("/node_modules/")) return next(url, context);
  const path = fileURLToPath(url);
  const source = await readFile(path, "utf8");
  for (const [name, transform] of Object.entries(tools))
    for (const from of [url, folder, home]) {
      let tool;
      try {
        tool = createRequire(from)(name);
      } catch {
        continue;
      }
      return { format: "module", shortCircuit: true, source: transform(tool, source, path) };
    }
  throw new Error(
    `${path} is TypeScript, and Node ${process.versions.node} cannot read it: install typescript or esbuild beside it, use Node 22.18 or newer, or write it in JavaScript`,
  );
}
