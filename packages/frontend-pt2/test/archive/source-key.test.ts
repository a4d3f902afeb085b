import { memorySource } from "@tflower/core";
import { expect, it } from "vitest";
import { openZip } from "../../src/archive/zip-archive.ts";
import { writeZip } from "../support/zip-writer.ts";

const weight = async (data: string) => {
  const zip = await openZip(memorySource("model.pt2", writeZip([{ name: "model/data/weights/weight_0", data }])), {
    file: "model.pt2",
  });
  return zip.openSource(zip.entries.get("model/data/weights/weight_0")!);
};

it("tells the weights of two programs apart that are called alike", async () => {
  const [a, b] = [await weight("12345678"), await weight("abcdefgh")];
  expect(a.name).toBe(b.name);
  expect(a.key).toBeDefined();
  expect(a.key).not.toBe(b.key);
});
