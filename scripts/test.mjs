// `npm test`: installs what it needs, checks types, builds the CLI, runs every test, and ends with one line of counts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare, run } from "./prepare.mjs";

prepare();
const folder = mkdtempSync(join(tmpdir(), "tflower-test-"));
const report = join(folder, "report.json");
const lint = run("pnpm", ["exec", "biome", "check", "."], { allowFailure: true });
const unit = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { stdio: "inherit" },
);
// what a release is checked for takes minutes and asks the registry: only where somebody wants it
const unfit = process.env.TFLOWER_CHECK_PACKAGES
  ? run(process.execPath, ["scripts/check-packages.mjs"], { allowFailure: true })
  : 0;
let passed = 0;
let failed = (lint === 0 ? 0 : 1) + (unfit === 0 ? 0 : 1);
try {
  const result = JSON.parse(readFileSync(report, "utf8"));
  passed = result.numPassedTests;
  // a file that cannot be loaded has no tests of its own, and is a failure all the same
  const unloaded = result.testResults.filter(
    (f) => f.status === "failed" && f.assertionResults.every((t) => t.status !== "failed"),
  ).length;
  failed += result.numFailedTests + unloaded;
  if (unit.status !== 0 && failed === 0) failed = 1;
} catch {
  failed++;
}
rmSync(folder, { recursive: true, force: true });
if (unfit !== 0) console.log("the packages are not fit to be published (see above)");
if (lint !== 0) console.log("biome check found problems (see above)");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
