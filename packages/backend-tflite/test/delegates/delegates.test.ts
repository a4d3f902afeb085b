import { type Graph, parseModule, type Support } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { gpuSupport, gpuTable, tflOps, xnnpackSupport, xnnpackTable } from "../../src/index.ts";
import { enums } from "../../src/schema/generated/tflite.ts";

const ops = new Map(tflOps.map((o) => [o.name, o]));
/** The last node of a graph in text. */
function graphOf(inputs: string, body: string): Graph {
  const last = /%r\b/.test(body) ? "%r" : "%x";
  return parseModule(`graph @main(${inputs}) {\n${body}\nreturn ${last}\n}`, ops).find("main")!;
}
const last = (g: Graph) => [...g.nodes].at(-1)!;
const why = (s: Support | undefined): string | undefined => (s?.supported ? undefined : (s?.reason ?? "nothing"));

test("tables name builtins that there are", () => {
  const builtins: readonly string[] = enums.BuiltinOperator.names;
  for (const table of [xnnpackTable, gpuTable])
    for (const name of [...Object.keys(table.builtins), ...Object.keys(table.instead)])
      expect(builtins).toContain(name);
});
test("no op is both in a table and among those that it lacks", () => {
  for (const table of [xnnpackTable, gpuTable])
    expect(Object.keys(table.instead).filter((name) => name in table.builtins)).toEqual([]);
});
test("ops of another dialect are none of a table's business", () => {
  const node = { op: { traits: {} } } as never;
  expect([xnnpackSupport(node), gpuSupport(node)]).toEqual([undefined, undefined]);
});

const image = "%x: f32[1,8,8,4]";
const conv = (filter: string, type = "f32[1,8,8,2]", bias = "%b") =>
  `%f = const [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0] : f32[2,1,1,4]
   %b = const [0.0, 0.0] : f32[2]
   %r = tfl.conv_2d(%x, ${filter}, ${bias}) : ${type}`;
const quantized = "i8[1,8]<0.5:0>";

describe("XNNPACK", () => {
  test.each<[string, string, string | undefined]>([
    [image, "%r = tfl.abs(%x) : f32[1,8,8,4]", undefined],
    ["%x: i32[4]", "%r = tfl.abs(%x) : i32[4]", "it works on i32, and takes f32 or f16"],
    [
      "%x: f32[1,1,1,1,1,1,2]",
      "%r = tfl.abs(%x) : f32[1,1,1,1,1,1,2]",
      "it works on a tensor of 7 axes, and takes up to 6",
    ],
    [image, "%r = tfl.sign(%x) : f32[1,8,8,4]", "XNNPACK has no SIGN"],
    [image, "%r = tfl.expand_dims(%x) {axis = 0} : f32[1,1,8,8,4]", "XNNPACK has no EXPAND_DIMS"],
    [image, conv("%f"), undefined],
    [image, conv("%f", "f32[1,8,8,2]", "none"), "it has no bias"],
    [
      `${image}, %f: f32[2,1,1,4]`,
      "%b = const [0.0, 0.0] : f32[2]\n%r = tfl.conv_2d(%x, %f, %b) : f32[1,8,8,2]",
      "its filter is computed at run time",
    ],
    [
      "%x: i16[1,8]<0.5:0>",
      "%r = tfl.logistic(%x) : i16[1,8]<0.5:0>",
      "it works on i16 with one scale, and takes f32, f16, or i8 or u8 with one scale",
    ],
    [`%x: ${quantized}`, `%r = tfl.logistic(%x) : ${quantized}`, undefined],
    [`%x: ${quantized}`, `%r = tfl.gelu(%x) : ${quantized}`, "it works on i8 with one scale, and takes f32 or f16"],
    [`%x: ${quantized}`, `%r = tfl.softmax(%x) : ${quantized}`, "it works on i8 with one scale, and takes f32 or f16"],
    [image, "%r = tfl.softmax(%x) {beta = 2.0} : f32[1,8,8,4]", "its beta is 2, and it takes 1"],
    [
      image,
      "%r = tfl.average_pool_2d(%x) {filter_width = 1, filter_height = 1, stride_w = 2, stride_h = 2} : f32[1,4,4,4]",
      "its stride is larger than its window",
    ],
    [image, "%r = tfl.max_pool_2d(%x) {filter_width = 1, filter_height = 1} : f32[1,8,8,4]", undefined],
    [
      image,
      "%r = tfl.strided_slice(%x) {begin = [0, 0, 0, 0], end = [1, 8, 8, 4], strides = [1, 2, 1, 1]} : f32[1,4,8,4]",
      "it takes steps of more than one",
    ],
    [
      image,
      "%r = tfl.slice(%x) {begin = [0, 0, 0, 0], size = [1, -1, 8, 4]} : f32[1,8,8,4]",
      "a size of it is not known, or zero",
    ],
    [
      image,
      "%r = tfl.concatenation((%x, %x, %x, %x, %x, %x)) {axis = 3} : f32[1,8,8,24]",
      "it has 6 operands, and takes 2 to 5",
    ],
    [image, "%r = tfl.leaky_relu(%x) {alpha = 0.0} : f32[1,8,8,4]", "its slope is zero"],
    [
      "%x: f32[1,8]",
      "%f = const [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0] : f32[1,8]\n%r = tfl.fully_connected(%x, %f, none) : f32[1,1]",
      undefined,
    ],
    [
      "%x: f32[1,8]",
      "%f = const [1, 1, 1, 1, 1, 1, 1, 1] : i8[1,8]<{0.5:0}@0>\n%r = tfl.fully_connected(%x, %f, none) : f32[1,1]",
      undefined,
    ],
    [
      "%x: f32[1,8]",
      "%f = const [1, 1, 1, 1, 1, 1, 1, 1] : i16[1,8]<0.5:0>\n%r = tfl.fully_connected(%x, %f, none) : f32[1,1]",
      "its weights are i16 with one scale",
    ],
  ])("%s %s", (inputs, body, expected) => {
    expect(why(xnnpackSupport(last(graphOf(inputs, body))))).toBe(expected);
  });

  test("constants that are widened go where whoever reads them goes", () => {
    const g = graphOf(
      "%x: f32[1,2]",
      `%h = const [1.0, 2.0] : f16[1,2]
       %w = tfl.dequantize(%h) : f32[1,2]
       %s = tfl.sign(%w) : f32[1,2]
       %r = tfl.fully_connected(%x, %w, none) : f32[1,1]`,
    );
    const [dequantize, , product] = [...g.nodes];
    expect(why(xnnpackSupport(dequantize!))).toBe("it widens a constant for SIGN, which is outside");
    expect(why(xnnpackSupport(product!))).toBe(undefined);
  });
  test("variables go together with what uses them", () => {
    const state = (type: string): Graph =>
      graphOf(
        `%x: ${type}`,
        `%h = tfl.var_handle() {shared_name = "s"} : resource[]
         %v = tfl.read_variable(%h) : ${type}
         %n = tfl.add(%v, %x) : ${type}
         tfl.assign_variable(%h, %n) : ()`,
      );
    expect([...state("f32[2]").nodes].map((n) => why(xnnpackSupport(n)))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([...state("f32[]").nodes].map((n) => why(xnnpackSupport(n)))).toEqual([
      undefined,
      "its variable is a scalar",
      undefined,
      undefined,
    ]);
    expect(why(xnnpackSupport([...state("i32[2]").nodes][0]!))).toBe("nothing that uses its variable is taken");
  });
  test("every refusal says who says so", () => {
    expect(xnnpackSupport(last(graphOf(image, "%r = tfl.sign(%x) : f32[1,8,8,4]")))).toMatchObject({
      source: "static table",
    });
  });
});

describe("the GPU delegate", () => {
  test.each<[string, string, string | undefined]>([
    [image, "%r = tfl.sign(%x) : f32[1,8,8,4]", undefined],
    ["%x: f32[1,1,1,8,4]", "%r = tfl.abs(%x) : f32[1,1,1,8,4]", "it works on a tensor of 5 axes, and takes up to 4"],
    ["%x: i16[1,8]<0.5:0>", "%r = tfl.logistic(%x) : i16[1,8]<0.5:0>", "it works on i16, and takes f32, f16, i8 or u8"],
    [`%x: ${quantized}`, `%r = tfl.softmax(%x) : ${quantized}`, undefined],
    [image, "%r = tfl.broadcast_to(%x) {shape = [2, 8, 8, 4]} : f32[2,8,8,4]", "the GPU delegate has no BROADCAST_TO"],
    [
      "%x: f32[4,4]",
      "%r = tfl.slice(%x) {begin = [0, 0], size = [2, 4]} : f32[2,4]",
      "it cuts a tensor of 2 axes, and takes 3 or 4",
    ],
    [
      "%x: f32[4,4]",
      "%r = tfl.pad(%x) {paddings = [0, 0, 1, 1]} : f32[4,6]",
      "it pads a tensor of 2 axes, and takes 3 or 4",
    ],
    [
      image,
      '%r = tfl.mirror_pad(%x) {paddings = [0, 0, 1, 1, 1, 1, 0, 0], mode = "SYMMETRIC"} : f32[1,10,10,4]',
      "its mode is SYMMETRIC, and it takes REFLECT",
    ],
    ["%x: f32[4,4], %i: i32[2]", "%r = tfl.gather(%x, %i) : f32[2,4]", undefined],
    ["%x: f32[4,4], %i: i64[2]", "%r = tfl.gather(%x, %i) : f32[2,4]", "its indices are not i32"],
    ["%x: f32[4,4], %i: i32[1,2]", "%r = tfl.gather(%x, %i) : f32[1,2,4]", "its indices have not one axis"],
    ["%x: f32[4]", '%r = tfl.cast(%x) {out_data_type = "i32"} : i32[4]', undefined],
    ["%x: i64[4]", '%r = tfl.cast(%x) {out_data_type = "i32"} : i32[4]', "it turns i64 into i32"],
    ["%x: f32[4]", "%r = tfl.less(%x, %x) : bool[4]", undefined],
    ["%x: i32[4]", "%r = tfl.less(%x, %x) : bool[4]", "it works on i32, and takes f32, f16, i8 or u8"],
    ["%x: f32[1,4,2], %c: bool[1,4,2]", "%r = tfl.select_v2(%c, %x, %x) : f32[1,4,2]", undefined],
    [
      "%x: f32[4,2], %c: bool[4,2]",
      "%r = tfl.select_v2(%c, %x, %x) : f32[4,2]",
      "a value to choose from has 2 axes and is computed at run time",
    ],
    ["%x: f32[1,1]", "%r = tfl.reshape(%x, none) {shape = []} : f32[]", "it gives a tensor without axes"],
    [
      "%x: f32[1,4,2], %c: bool[1,4,2], %y: f32[1,1,2]",
      "%r = tfl.select_v2(%c, %x, %y) : f32[1,4,2]",
      "a value to choose from is broadcast",
    ],
  ])("%s %s", (inputs, body, expected) => {
    expect(why(gpuSupport(last(graphOf(inputs, body))))).toBe(expected);
  });
});
