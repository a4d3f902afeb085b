import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { writeSafetensors } from "../src/safetensors/safetensors.ts";
import { cli } from "./capture.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const guides = [
  "README.md",
  ...readdirSync(join(root, "docs/guides"))
    .filter((f) => f.endsWith(".md") && f !== "README.md")
    .map((f) => `docs/guides/${f}`),
];

/** One fenced block of a page. */
interface Block {
  readonly language: string;
  readonly info: string;
  readonly text: string;
}
const blocksOf = (page: string): Block[] =>
  [...readFileSync(join(root, page), "utf8").matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map((m) => ({
    language: m[1]!,
    info: m[2]!.trim(),
    text: m[3]!,
  }));

const base = realpathSync(mkdtempSync(join(tmpdir(), "tflower-guides-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A folder with what a reader has at hand. */
function folderFor(page: string): string {
  const folder = join(base, page.replaceAll("/", "-").replace(".md", ""));
  mkdirSync(folder);
  copyFileSync(join(root, "examples/digits-cnn/digits_cnn.pt2"), join(folder, "model.pt2"));
  copyFileSync(join(root, "examples/custom-op/swish_net.pt2"), join(folder, "swish_net.pt2"));
  const values = join(root, "packages/tflower/test/fixtures/digits_activations.safetensors");
  for (const name of ["acts", "in"]) copyFileSync(values, join(folder, `${name}.safetensors`));
  writeFileSync(join(folder, "calib.safetensors"), calibrationSamples());
  return folder;
}

/** Six images, the same each time. */
function calibrationSamples(): Uint8Array {
  const images = Array.from({ length: 6 }, (_, n) => {
    const pixels = Float32Array.from({ length: 64 }, (_, i) => Math.sin(n * 7 + i * (1 + n / 3)) ** 2);
    return [`calib.${n}.in.0`, { dtype: "f32", shape: [1, 1, 8, 8], bytes: new Uint8Array(pixels.buffer) }] as const;
  });
  return writeSafetensors(new Map(images));
}

/** Words of a command line; quotes keep words together. */
const wordsOf = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);

/** Runs the lines of a block; gives what they printed. */
async function shell(text: string): Promise<string> {
  let printed = "";
  for (const line of text.trim().split("\n")) {
    const [command, comment = ""] = line.split(/\s+# /) as [string, string?];
    const [npx, name, ...args] = wordsOf(command);
    if (npx !== "npx" || name !== "tflower") throw new Error(`nobody can run "${line}" here: mark the block with skip`);
    const wanted = Number(/exits with (\d+)/.exec(comment)?.[1] ?? 0);
    const r = await cli(...args);
    expect(r.code, `${line}\n${r.err}`).toBe(wanted);
    printed += r.out + r.err;
  }
  return printed;
}

/** Every line of `expected` occurs; … stands for anything. */
function expectLines(printed: string, expected: string): void {
  const lines = printed.split("\n").map((l) => l.trim());
  for (const line of expected.split("\n").map((l) => l.trim())) {
    if (line === "") continue;
    const pattern = new RegExp(`^${line.split("…").map(escaped).join(".*")}${line.endsWith("…") ? "" : "$"}`);
    expect(
      lines.some((l) => pattern.test(l)),
      `"${line}" in\n${printed}`,
    ).toBe(true);
  }
}
const escaped = (s: string): string => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Runs a block as a module; `console.log(x); // [1, 10]` says what is to be printed. */
async function runModule(path: string, text: string): Promise<void> {
  const printed: unknown[][] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...args) => void printed.push(args));
  try {
    await import(pathToFileURL(path).href);
  } finally {
    log.mockRestore();
  }
  for (const m of text.matchAll(/console\.log\(.*\); \/\/ (\[.*\]|\d+|".*")$/gm))
    expect(printed.map((args) => JSON.stringify(args[0]))).toContain(JSON.stringify(JSON.parse(m[1]!)));
}

describe.each(guides)("%s", async (page) => {
  const folder = folderFor(page);
  const blocks = blocksOf(page);
  const files = blocks.flatMap((b) => {
    const file = /file=(\S+)/.exec(b.info)?.[1];
    return file === undefined ? [] : [{ file, text: b.text }];
  });
  for (const { file, text } of files) if (!file.startsWith("tflower.config")) writeFileSync(join(folder, file), text);
  for (const { file } of files) if (file.endsWith(".test.ts")) await import(pathToFileURL(join(folder, file)).href);

  test("every block does what it says", async () => {
    const home = process.cwd();
    process.chdir(folder);
    try {
      let printed = "";
      for (const [i, { language, info, text }] of blocks.entries()) {
        if (/\bskip\b/.test(info)) continue;
        const file = /file=(\S+)/.exec(info)?.[1];
        if (file !== undefined) writeFileSync(join(folder, file), text);
        else if (language === "sh") printed = await shell(text);
        else if (language === "text") expectLines(printed, text);
        else if (language === "ts") {
          const path = join(folder, `block-${i}.ts`);
          writeFileSync(path, text);
          await runModule(path, text);
        } else expect(language).toBe("python");
      }
    } finally {
      process.chdir(home);
    }
  }, 120_000);
});

test("only what needs the repository or a reader's own files is not run", () => {
  const skipped = guides.flatMap((page) =>
    blocksOf(page)
      .filter((b) => /\bskip\b/.test(b.info))
      .map((b) => `${page}: ${b.text.trim().split("\n")[0]}`),
  );
  expect(skipped).toEqual([
    "README.md: npm start      # installs, builds, converts the bundled examples, runs them on LiteRT, compares with PyTorch",
    'docs/guides/add-an-op.md: pnpm new-op "star_relu(Tensor x, float scale=0.8944, float bias=-0.4472) -> Tensor"',
    'docs/guides/prove-a-lowering.md: fileTests(new URL("./found/", import.meta.url), { compiler, passes: [lowerOps] });',
  ]);
});
