import { fileURLToPath } from "node:url";
import { readTflite, tfl } from "@tflower/backend-tflite";
import { definePlugin } from "@tflower/core";
import { convert, createCompiler } from "tflower";
import { expect, test } from "vitest";
import { kernelOptionsPlugin } from "../kernel-options-plugin.ts";

const program = fileURLToPath(new URL("../../custom-op/swish_net.pt2", import.meta.url));
const written = async (...plugins: Parameters<ReturnType<typeof createCompiler>["use"]>) => {
  const model = await convert(program, { compiler: createCompiler().use(...plugins) });
  return readTflite(await model.bytes());
};

test("the file has the kernel's struct, its version, and the list of kernels", async () => {
  const file = await written(kernelOptionsPlugin);
  const [kernel, ...others] = file.subgraphs[0]!.operators.filter((o) => o.customCode === "MySwish");
  expect(others).toEqual([]);
  expect(kernel).toMatchObject({ builtin: "CUSTOM", version: 2 });
  const options = new DataView(kernel!.customOptions!.slice().buffer);
  expect([options.byteLength, options.getUint32(0, true), options.getFloat32(4, true)]).toEqual([8, 8, 1.5]);
  const text = new TextDecoder().decode(file.metadata!.find((m) => m.name === "kernels")!.bytes);
  expect(JSON.parse(text)).toEqual(["MySwish"]);
});

test("taps run in the order of their plugins, each on what the one before gave", async () => {
  const say = (name: string) =>
    definePlugin({ name, serialize: { tflite: (f) => ({ ...f, description: `${f.description} ${name}` }) } });
  const file = await written(kernelOptionsPlugin, say("first"), say("second"));
  expect(file.description).toBe("Made by tflower. first second");
});

test("a tap cannot make a file that no runtime loads", async () => {
  const broken = definePlugin({
    name: "broken",
    serialize: {
      tflite: (file) => ({
        ...file,
        subgraphs: file.subgraphs.map((g) => ({
          ...g,
          operators: g.operators.map((o) => ({ ...o, inputs: o.builtin === "FULLY_CONNECTED" ? [] : o.inputs })),
        })),
      }),
    },
  });
  const error = await written(kernelOptionsPlugin, broken).catch((e) => e);
  expect(error.message).toMatch(/FULLY_CONNECTED[\s\S]*a tap of the hook `serialize` made it/);
  const wild = definePlugin({
    name: "wild",
    serialize: {
      "tflite.operator": (o, node) => (node.is(tfl.fullyConnected) ? { ...o, outputs: [1000] } : o),
    },
  });
  await expect(written(kernelOptionsPlugin, wild)).rejects.toThrow(
    /it names tensor 1000 of \d+[\s\S]*a tap of the hook `serialize`/,
  );
});

test("taps are typed by what they see", () => {
  definePlugin({
    name: "wrong",
    serialize: {
      // @ts-expect-error a file's description is a text
      tflite: (file) => ({ ...file, description: 1 }),
      // @ts-expect-error nobody writes this
      onnx: (file) => file,
    },
  });
});
