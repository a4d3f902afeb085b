import { memorySource } from "@tflower/core";
import { describe, expect, it } from "vitest";
import { readPt2 } from "../src/read-pt2.ts";
import { checkGeometry } from "../src/tensor-geometry.ts";
import { expectCode } from "./support/expect-code.ts";
import { rewriteArchive } from "./support/rewrite-archive.ts";

const where = { file: "a.pt2", part: "w" };
const check = (sizes: number[], strides: number[], storageOffset: number, length: number) =>
  checkGeometry({ dtype: "f32", sizes, strides, storageOffset }, length, where);

describe("checkGeometry", () => {
  it("takes tensors that lie within their storage, to the last byte", () => {
    expect(() => check([2, 3], [3, 1], 0, 24)).not.toThrow();
    expect(() => check([3, 2], [1, 3], 0, 24)).not.toThrow();
    expect(() => check([2, 3], [0, 1], 1, 16)).not.toThrow();
    expect(() => check([], [], 5, 24)).not.toThrow();
    expect(() => check([0, 7], [7, 1], 99, 0)).not.toThrow();
  });

  it("refuses those that do not", async () => {
    await expectCode(
      "IMP0017",
      () => check([2, 3], [3, 1], 0, 23),
      /f32\[2,3\] with strides \[3,1\] needs 24 bytes, but its storage has 23/,
    );
    await expectCode("IMP0017", () => check([2, 3], [4, 1], 0, 24));
    await expectCode("IMP0017", () => check([2, 3], [3, 1], 1, 24), /at offset 1 needs 28/);
    await expectCode("IMP0017", () => check([2 ** 40, 2 ** 40], [2 ** 40, 1], 0, 24));
    await expectCode("IMP0017", () => check([2 ** 52, 2 ** 52], [2 ** 52, 2 ** 52], 0, 24));
    await expectCode("IMP0018", () => check([1], [1], 0, 0), /exported without data/);
  });

  it("refuses to make gigabytes of a few bytes", () =>
    expectCode("IMP0007", () => check([2 ** 20, 2 ** 20], [0, 0], 0, 4), /repeats 4 bytes/));
});

describe("a table of weights", () => {
  const edit = (change: (meta: any) => unknown) =>
    rewriteArchive("small.pt2", (name, data) => {
      if (!name.endsWith("weights_config.json")) return data;
      const json = JSON.parse(new TextDecoder().decode(data));
      change(json.config["fc.weight"]);
      return JSON.stringify(json);
    });
  const read = async (change: (payload: any) => unknown) => readPt2(memorySource("a.pt2", await edit(change)));

  it("that says more than the bytes hold is refused", () =>
    expectCode(
      "IMP0017",
      () => read((p) => (p.tensor_meta.sizes = [{ as_int: 9 }, { as_int: 2 }])),
      /weight_0 \(fc\.weight\): a f32\[9,2\]/,
    ));
  it("that points outside of the archive is refused", () =>
    expectCode("IMP0006", () => read((p) => (p.path_name = "../../secret")), /no such entry/));
  it("with sparse tensors is refused", () =>
    expectCode("IMP0019", () => read((p) => (p.tensor_meta.layout = 1)), /sparse_coo.*to_dense/));
  it("with unknown sizes is refused", () =>
    expectCode(
      "IMP0017",
      () => read((p) => (p.tensor_meta.sizes[0] = { as_expr: { expr_str: "Symbol('s0')", hint: null } })),
      /expected known sizes/,
    ));
  it("that lists what the other table lists is refused", async () => {
    const bytes = await rewriteArchive("small.pt2", (name, data) =>
      name.endsWith("constants_config.json") ? new TextDecoder().decode(data).replace('"scale"', '"seen"') : data,
    );
    await expectCode("IMP0003", () => readPt2(memorySource("a.pt2", bytes)), /"seen" twice/);
  });
  it("with a pickle that is none is refused", () =>
    expectCode("IMP0001", () => read((p) => (p.use_pickle = true)), /expected a \.pt2|zip file/));
  it("that tells of an object keeps its name, unread", async () => {
    const bytes = await rewriteArchive(
      "small.pt2",
      (name, data) => {
        if (!name.endsWith("constants_config.json")) return data;
        const json = JSON.parse(new TextDecoder().decode(data));
        json.config.thing = { path_name: "custom_obj_0", is_param: false, use_pickle: true, tensor_meta: null };
        return JSON.stringify(json);
      },
      [{ name: "small/data/constants/custom_obj_0", data: "never looked at" }],
    );
    const program = await readPt2(memorySource("a.pt2", bytes));
    expect(program.customObjects).toEqual(new Map([["thing", "custom_obj_0"]]));
  });
});
