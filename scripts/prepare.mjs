// Installs dependencies and builds, with nothing but Node and npm on the machine.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

// not the packageManager field: pnpm then wants to be part of its own lockfile, and refuses a frozen one
const packageManager = JSON.parse(readFileSync("package.json", "utf8")).config.pnpm;

/** Runs a command with its output shown; ends the script when it fails. pnpm runs in the version that package.json names. */
export function run(command, args, { allowFailure = false, quiet = false } = {}) {
  const [program, list] = command === "pnpm" ? ["npx", ["--yes", packageManager, ...args]] : [command, args];
  const result = spawnSync(program, list, {
    stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    shell: process.platform === "win32",
    env: { ...process.env, npm_config_loglevel: "error" },
  });
  if (result.status !== 0 && !allowFailure) {
    if (quiet) process.stderr.write(`${result.stdout}\n${result.stderr}\n`);
    console.error(`${command} ${args.join(" ")} failed${result.error ? `: ${result.error.message}` : ""}`);
    process.exit(1);
  }
  return result.status ?? 1;
}

const isOlder = (a, b) => !existsSync(a) || statSync(a).mtimeMs < statSync(b).mtimeMs;

/** Makes `node_modules` and `packages/*\/dist` what the sources say. */
export function prepare({ quiet = false } = {}) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) {
    console.error(`tflower needs Node 20 or newer, and this is ${process.version}`);
    process.exit(1);
  }
  if (isOlder("node_modules/.modules.yaml", "pnpm-lock.yaml")) run("pnpm", ["install", "--frozen-lockfile"], { quiet });
  run(process.execPath, ["node_modules/typescript/bin/tsc", "-b"], { quiet });
  run(process.execPath, ["scripts/bundle.mjs"], { quiet });
}
