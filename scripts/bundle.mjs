// Bundles the CLI into one file: Node reads one module instead of several hundred, which is most of the start-up time.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const packages = join(root, "packages");
const alias = Object.fromEntries(
  readdirSync(packages).map((name) => [name === "tflower" ? "tflower" : `@tflower/${name}`, join(packages, name, "src/index.ts")]),
);
await build({
  entryPoints: { main: join(packages, "tflower/src/cli/main.ts") },
  outdir: join(packages, "tflower/dist/bundle"),
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  alias,
  external: ["@litertjs/core"],
  banner: { js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);" },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  logLevel: "warning",
});
