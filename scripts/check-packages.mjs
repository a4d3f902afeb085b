// `pnpm check-packages`: what a release is checked for. Packs every package as it would be published, lints the archives with publint and
// attw, installs them into an empty project, and converts there: by the command line, in Node, and from a bundle for a page. Checks the
// API reports and the list of licences too. Needs a build, and the registry for the dependencies.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "tflower-packages-"));
const archives = join(folder, "archives");
const project = join(folder, "project");
let failed = 0;

function run(title, command, args, options = {}) {
  const start = performance.now();
  const r = spawnSync(command, args, { cwd: root, encoding: "utf8", shell: process.platform === "win32", ...options });
  const ok = r.status === 0;
  if (!ok) failed++;
  console.log(`${ok ? "ok  " : "FAIL"} ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  if (!ok) console.log(`${r.stdout}\n${r.stderr}${r.error ?? ""}`);
  return ok;
}
async function check(title, f) {
  const start = performance.now();
  try {
    await f();
    console.log(`ok   ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (e) {
    failed++;
    console.log(`FAIL ${title}\n${e.stack ?? e}`);
  }
}
const bin = (name) => join(root, "node_modules/.bin", name);
const node = process.execPath;

run("API reports", node, ["scripts/api-report.mjs", "--check"]);
run("list of passes", node, ["scripts/list-passes.mjs", "--check"]);
run("licences", node, ["scripts/list-licences.mjs", "--check"]);

mkdirSync(archives);
mkdirSync(project);
const names = [];
for (const name of readdirSync(join(root, "packages"))) {
  const cwd = join(root, "packages", name);
  if (
    run(`pack ${name}`, "npx", ["--yes", manifest.config.pnpm, "pack", "--out", join(archives, `${name}.tgz`)], { cwd })
  )
    names.push(name);
}
for (const name of names) {
  const archive = join(archives, `${name}.tgz`);
  run(`publint ${name}`, bin("publint"), ["run", archive, "--strict"]);
  run(`attw ${name}`, bin("attw"), [archive, "--profile", "esm-only", "--no-emoji", "--format", "ascii"]);
}

const own = (name) => (name === "tflower" ? name : `@tflower/${name}`);
const files = Object.fromEntries(names.map((n) => [own(n), `file:${join(archives, `${n}.tgz`)}`]));
writeFileSync(
  join(project, "package.json"),
  JSON.stringify({ private: true, type: "module", dependencies: { tflower: files.tflower }, overrides: files }),
);
for (const name of ["digits_cnn.pt2", "digits_cnn.safetensors"])
  cpSync(join(root, "examples/digits-cnn", name), join(project, name));
const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
if (run("install into an empty project", "npm", install, { cwd: project })) {
  const cli = join(project, "node_modules/.bin/tflower");
  run("convert with the command line", cli, ["convert", "digits_cnn.pt2", "-o", "cli.tflite"], { cwd: project });
  writeFileSync(
    join(project, "convert.js"),
    `import { convert } from "tflower";
const model = await convert("digits_cnn.pt2");
await model.save("node.tflite");
const [out] = await model.run([{ dtype: "f32", shape: [1, 1, 8, 8], data: new Float32Array(64) }]);
if (out.shape.join() !== "1,10" || !out.data.every(Number.isFinite)) throw new Error("no ten numbers came out");
await model.dispose();
`,
  );
  run("convert and run in Node", node, ["convert.js"], { cwd: project });
  cpSync(join(root, "examples/custom-op/swish_net.pt2"), join(project, "swish_net.pt2"));
  writeFileSync(
    join(project, "swish.mjs"),
    `import { tfl } from "@tflower/backend-tflite";
import { attr, defineLowering, defineOp, definePlugin, operand } from "tflower";
const swish = defineOp("mylib.swish", { summary: "", operands: { x: operand.float }, attrs: { beta: attr.float }, infer: ({ x }) => x });
const lowering = defineLowering(swish, ({ x }, _, emit) => emit(tfl.mul, { lhs: x, rhs: emit(tfl.logistic, { input: x }) }));
export default definePlugin({ name: "swish", ops: { swish }, lowerings: [lowering] });
`,
  );
  run("convert with a plugin", cli, ["convert", "swish_net.pt2", "--plugin", "./swish.mjs"], { cwd: project });
  writeFileSync(
    join(project, "page.js"),
    'import { convert } from "tflower";\nexport const bytesOf = async (pt2) => (await convert(pt2)).bytes();\n',
  );
  await check("convert from a bundle for a page, to the same bytes", async () => {
    const outfile = join(project, "bundle.mjs");
    const { metafile } = await build({
      entryPoints: [join(project, "page.js")],
      outfile,
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      metafile: true,
      logLevel: "error",
    });
    const outside = Object.keys(metafile.inputs).filter((f) => !f.includes("node_modules") && !f.endsWith("page.js"));
    if (outside.length) throw new Error(`the bundle takes files from elsewhere: ${outside.join(", ")}`);
    if (/"node:|createRequire/.test(readFileSync(outfile, "utf8"))) throw new Error("the bundle asks for Node");
    const { bytesOf } = await import(pathToFileURL(outfile).href);
    const bytes = Buffer.from(await bytesOf(new Uint8Array(readFileSync(join(project, "digits_cnn.pt2")))));
    for (const other of ["cli", "node"])
      if (!bytes.equals(readFileSync(join(project, `${other}.tflite`))))
        throw new Error(`${other}.tflite has other bytes`);
  });
}
rmSync(folder, { recursive: true, force: true });
console.log(failed ? `${failed} checks failed` : "the packages are fit to be published");
process.exitCode = failed ? 1 : 0;
