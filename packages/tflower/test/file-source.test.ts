import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileSource } from "../src/node/file-source.ts";

const folder = mkdtempSync(join(tmpdir(), "tflower-source-"));
const path = join(folder, "bytes");
writeFileSync(
  path,
  Uint8Array.from({ length: 100 }, (_, i) => i),
);

test("reads ranges, into scratch memory when it is given, also after the file was closed for idleness", async () => {
  const source = await fileSource(path);
  expect(source.size).toBe(100);
  expect([...(await source.read(10, 3))]).toEqual([10, 11, 12]);
  const scratch = new Uint8Array(8);
  const bytes = await source.read(20, 2, scratch);
  expect([...bytes]).toEqual([20, 21]);
  expect(bytes.buffer).toBe(scratch.buffer);
  await new Promise((r) => setTimeout(r, 400));
  expect([...(await source.read(99, 1))]).toEqual([99]);
  await expect(source.read(99, 2)).rejects.toThrow("ends at byte 100");
  expect([...(await source.read(0, 1))]).toEqual([0]);
  await source.close!();
});

test("a file that has changed is not read on", async () => {
  const source = await fileSource(path);
  await source.read(0, 1);
  await source.close!();
  appendFileSync(path, "x");
  await expect(source.read(0, 1)).rejects.toThrow("has changed since it was opened");
  rmSync(folder, { recursive: true });
});
