import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseStatistics, type Statistics } from "@tflower/quantize";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSafetensors, writeSafetensors } from "../src/safetensors/safetensors.ts";
import { cli } from "./capture.ts";
import { parseManifest } from "./parse-manifest.ts";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

interface Job {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly completionMode?: string;
    readonly completions?: string;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly command: readonly string[];
          readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
        }[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}
const job = (name: string): Job =>
  parseManifest(readFileSync(join(examples, "calibrate-on-kubernetes", name), "utf8")) as unknown as Job;

/** What lies on the volume. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tflower-job-"));
  copyFileSync(join(examples, "digits-cnn/digits_cnn.pt2"), join(folder, "model.pt2"));
  const digits = readSafetensors("digits", readFileSync(join(examples, "digits-cnn/digits_cnn.safetensors")));
  const { bytes, dtype } = digits.get("images")!;
  const size = 4 * 64;
  const samples = Array.from({ length: 10 }, (_, i) => {
    const t = { dtype, shape: [1, 1, 8, 8], bytes: bytes.slice(i * size, (i + 1) * size) };
    return [`calib.${i}.in.0`, t] as const;
  });
  writeFileSync(join(folder, "samples.safetensors"), writeSafetensors(new Map(samples)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs what a pod runs, in which variables of the environment have these values. */
async function pod(j: Job, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { containers, volumes } = j.spec.template.spec;
  const { command, volumeMounts } = containers[0]!;
  expect(volumeMounts.map((m) => m.name)).toEqual(volumes.map((v) => v.name));
  const [program, ...argv] = command.map((word) =>
    word.replace(/\$\((\w+)\)/g, (_, name: string) => {
      expect(Object.keys(env)).toContain(name);
      return env[name]!;
    }),
  );
  expect(program).toBe("tflower");
  const { mountPath } = volumeMounts[0]!;
  const here = argv.map((word) =>
    word.startsWith(`${mountPath}/`) ? join(folder, word.slice(mountPath.length)) : word,
  );
  expect(await cli(...here)).toMatchObject({ code: 0, out: "" });
}
const read = (name: string): Statistics => parseStatistics(readFileSync(join(folder, name), "utf8"));
/** All that merges exactly. */
const exactly = (s: Statistics): unknown => ({
  ...s,
  values: Object.fromEntries(Object.entries(s.values).map(([k, { moving: _, ...v }]) => [k, v])),
});

test("the jobs for Kubernetes compute what one run computes", async () => {
  const shards = job("calibrate.yaml");
  expect(shards).toMatchObject({ apiVersion: "batch/v1", kind: "Job", spec: { completionMode: "Indexed" } });
  const count = Number(shards.spec.completions);
  expect(count).toBeGreaterThan(1);
  for (let i = 0; i < count; i++) await pod(shards, { JOB_COMPLETION_INDEX: String(i) });
  await pod(job("merge.yaml"));
  const data = ["--data", join(folder, "samples.safetensors")];
  expect((await cli("calibrate", join(folder, "model.pt2"), ...data, "-o", join(folder, "one.json"))).code).toBe(0);
  expect(read("statistics.json").samples).toBe(10);
  expect(exactly(read("statistics.json"))).toEqual(exactly(read("one.json")));
});

test("what is no plain manifest is refused", () => {
  expect(parseManifest("a: 1\nb:\n  - c: x\n    d: y\n  - z\n")).toEqual({ a: "1", b: [{ c: "x", d: "y" }, "z"] });
  for (const text of ["a: {b: 1}", "a: |", "a: b: c", "a: 1\na: 2", "- &x y", "a:\n  b: 1\n c: 2"])
    expect(() => parseManifest(text)).toThrow(SyntaxError);
});

test("what the script for Ray calls is what the command line has", async () => {
  const script = readFileSync(join(examples, "calibrate-on-ray/calibrate.py"), "utf8");
  const used = [...script.matchAll(/\[\*tflower, ([^\]]*)\]/g)].map((m) =>
    [...m[1]!.matchAll(/"(-[\w-]+)"/g)].map((x) => x[1]!),
  );
  expect(used).toEqual([["--data", "--shard", "-o"], ["-o"]]);
  const { out } = await cli("calibrate", "--help");
  for (const flag of used.flat()) expect(out).toContain(flag);
});
