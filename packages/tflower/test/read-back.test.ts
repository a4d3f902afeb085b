import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromTfliteFile, MemorySink, readTflite, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import { verifyModule } from "@tflower/core";
import { expect, test } from "vitest";
import { convert } from "../src/index.ts";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));
const programs = readdirSync(examples).filter((name) => existsSync(`${examples}${name}/example.json`));

test.each(programs)("the file of %s reads back, and is written the same again", async (name) => {
  const model = await convert(`${examples}${name}/${name.replaceAll("-", "_")}.pt2`);
  const bytes = await model.bytes();
  const module = fromTfliteFile(readTflite(bytes), { name });
  expect(verifyModule(module)).toEqual([]);
  expect(module.graphs.map((g) => [...g.nodes].map((n) => n.op.name))).toEqual(
    model.module.graphs.map((g) => [...g.nodes].map((n) => n.op.name)),
  );
  const sink = new MemorySink();
  await writeTflite(toTfliteFile(module), sink);
  expect(sink.bytes()).toEqual(bytes);
});
