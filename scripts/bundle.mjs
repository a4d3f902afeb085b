// Bundles the CLI into one script with V8's compiled code beside it: reading several hundred modules and compiling them
// would be most of the time that a small conversion takes.
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const packages = join(root, "packages");
const target = join(packages, "tflower/dist/bundle");
// what is there stays until the new one has worked
const folder = `${target}.${process.pid}.new`; // several may build at once
rmSync(folder, { recursive: true, force: true });
const alias = Object.fromEntries(
  readdirSync(packages)
    .filter((name) => name !== "runtime-litert")
    .map((name) => [name === "tflower" ? "tflower" : `@tflower/${name}`, join(packages, name, "src/index.ts")]),
);
alias["@tflower/delegate-qnn/node"] = join(packages, "delegate-qnn/src/node/index.ts");
await build({
  entryPoints: { main: join(packages, "tflower/src/cli/main.ts") },
  outdir: folder,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  alias,
  // it finds LiteRT's WebAssembly beside itself
  external: ["@tflower/runtime-litert"],
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: false,
  legalComments: "none",
  logLevel: "warning",
  // where a bundle lies is asked in other ways, too
  logOverride: { "import-is-undefined": "error", "empty-import-meta": "silent" },
});

// functions are compiled when they are first called, so the code is cached after it has done some work
const { load } = await import("../packages/tflower/bin/load-bundle.js");
const { exports, script } = load(join(folder, "main.cjs"));
const write = process.stderr.write.bind(process.stderr);
for (const example of ["digits-cnn/digits_cnn.pt2", "recall-transformer/recall_transformer.pt2"]) {
  process.stderr.write = () => true;
  const code = await exports.main(["convert", join(root, "examples", example), "-o", join(folder, "warm-up.tflite")]);
  process.stderr.write = write;
  if (code !== 0) console.error(`${example} does not convert; the CLI's code is cached all the same`);
}
rmSync(join(folder, "warm-up.tflite"), { force: true });
writeFileSync(join(folder, "main.cache"), script.createCachedData());
rmSync(target, { recursive: true, force: true });
renameSync(folder, target);
