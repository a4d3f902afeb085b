import type { Pass } from "@tflower/core";
import { expect, test } from "vitest";
import { expandMirrorPads } from "../../src/passes/expand-mirror-pads.ts";
import { expandNearestResizes } from "../../src/passes/expand-nearest-resizes.ts";
import { expandWindowGathers } from "../../src/passes/expand-window-gathers.ts";
import { joinUpsampling } from "../../src/passes/join-upsampling.ts";
import { multiplyFewer } from "../../src/passes/multiply-fewer.ts";
import { multiplyFromLeft } from "../../src/passes/multiply-from-left.ts";
import { ownPads } from "../../src/passes/own-pads.ts";
import { routeChannels } from "../../src/passes/route-channels.ts";
import { splitTransposedConvolutions } from "../../src/passes/split-transposed-convolutions.ts";
import { run } from "./run-pass.ts";

const text = `
graph @main(%x: f32[1,4,4,2]) {
  %w = const [1.0, -2.0, 3.0, 4.0, 5.0, -6.0] : f32[1,1,3,2]
  %t = const [1.0, -2.0, 3.0, 4.0, 5.0, -6.0, 7.0, 8.0] : f32[1,2,2,2]
  %v = const [1.0, 2.0, 3.0, 4.0] : f32[2,1,1,2]
  %h = const [1.0, 2.0, 3.0, 4.0] : f32[2,2]
  %0 = tfl.resize_nearest_neighbor(%x, none) {size = [8, 8]} : f32[1,8,8,2]
  %1 = tfl.conv_2d(%0, %w, none) : f32[1,8,6,1]
  %2 = tfl.mirror_pad(%x, none) {paddings = [0, 0, 1, 0, 0, 0, 0, 0], mode = "REFLECT"} : f32[1,5,4,2]
  %3 = tfl.transpose_conv(%t, %x, none, none) {output_shape = [1, 8, 8, 1], stride_h = 2, stride_w = 2} : f32[1,8,8,1]
  %4 = tfl.pad(%x, none) {paddings = [0, 0, 1, 0, 0, 0, 0, 0]} : f32[1,5,4,2]
  %5 = tfl.conv_2d(%4, %v, none) : f32[1,5,4,2]
  %6 = tfl.reshape(%5, none) {shape = [1, 5, 4, 1, 2]} : f32[1,5,4,1,2]
  %7 = tfl.transpose(%6) {perm = [0, 1, 2, 4, 3]} : f32[1,5,4,2,1]
  %8 = tfl.reshape(%7, none) {shape = [1, 5, 4, 2]} : f32[1,5,4,2]
  %9 = tfl.conv_2d(%8, %v, none) : f32[1,5,4,2]
  %10 = tfl.transpose(%x) {perm = [0, 2, 3, 1]} : f32[1,4,2,4]
  %11 = tfl.slice(%10, none, none) {begin = [0, 0, 0, 0], size = [1, 4, 2, 2]} : f32[1,4,2,2]
  %12 = tfl.transpose(%11) {perm = [0, 2, 3, 1]} : f32[1,2,2,4]
  %13 = tfl.transpose(%11) {perm = [0, 1, 3, 2]} : f32[1,4,2,2]
  %14 = tfl.fully_connected(%13, %h, none) {keep_num_dims = true} : f32[1,4,2,2]
  %15 = tfl.transpose(%14) {perm = [0, 1, 3, 2]} : f32[1,4,2,2]
  %i = const [0, 1, 1, 2] : i32[4]
  %16 = tfl.gather(%x, %i) {axis = 2} : f32[1,4,4,2]
  return %1, %2, %3, %4, %9, %12, %15, %16
}
`;

const passes: readonly (readonly [string, (options: { enabled: boolean }) => Pass])[] = [
  ["split-transposed-convolutions", (o) => splitTransposedConvolutions({ ...o, always: true })],
  ["join-upsampling", (o) => joinUpsampling({ ...o, always: true })],
  ["multiply-fewer", (o) => multiplyFewer({ ...o, always: true })],
  ["own-pads", ownPads],
  ["route-channels", routeChannels],
  ["expand-mirror-pads", expandMirrorPads],
  ["expand-nearest-resizes", expandNearestResizes],
  ["multiply-from-left", multiplyFromLeft],
  ["expand-window-gathers", expandWindowGathers],
];

test.each(passes)("%s does nothing where it is switched off, or the target is another", async (_, make) => {
  const { text: plain } = await run(text, []);
  expect((await run(text, [make({ enabled: true })])).text).not.toBe(plain);
  expect((await run(text, [make({ enabled: false })])).text).toBe(plain);
  expect((await run(text, [make({ enabled: true })], { target: "gpu" })).text).toBe(plain);
});
