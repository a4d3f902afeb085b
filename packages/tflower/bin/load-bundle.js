import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";

/** Code that V8 has compiled before, for this version of Node; without it everything works, only later. */
function cachedCode(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Runs the bundled CLI. Gives its exports, and the script for whoever wants to cache its code. */
export function load(path) {
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, "utf8")}\n})`;
  const cachedData = cachedCode(path.replace(/\.cjs$/, ".cache"));
  const script = new Script(source, {
    filename: path,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
  return { exports: module.exports, script };
}
