import { describe, expect, it } from "vitest";
import { checkKernel, hasKernel, newestVersion } from "../../src/file/kernels.ts";
import type { OpDescription, OperandDescription } from "../../src/file/op-description.ts";
import type { FileDType } from "../../src/file/tflite-file.ts";
import { type BuiltinName, enumNames } from "../../src/schema/fields.ts";

const t = (dtype: FileDType, ...shape: number[]): OperandDescription => ({ dtype, shape });
const q = (dtype: FileDType, scale: number, zero: number, ...shape: number[]): OperandDescription => ({
  dtype,
  shape,
  quantization: { scale: [scale], zeroPoint: [zero] },
});
const op = (
  builtin: BuiltinName,
  operands: readonly (OperandDescription | undefined)[],
  result: OperandDescription | readonly OperandDescription[],
  options: Record<string, unknown> = {},
): OpDescription => ({ builtin, operands, results: [result].flat() as OperandDescription[], options });

const image = t("f32", 1, 8, 8, 3);
const filter = t("f32", 4, 3, 3, 3);

describe("checkKernel", () => {
  it("finds nothing wrong with what runs", () => {
    const fine: OpDescription[] = [
      op("ADD", [t("f32", 2, 3), t("f32", 3)], t("f32", 2, 3)),
      op("ADD", [t("i64", 2, 3), t("i64", 2, 3)], t("i64", 2, 3)),
      op("CONV_2D", [image, filter, t("f32", 4)], t("f32", 1, 8, 8, 4)),
      op("FULLY_CONNECTED", [t("f32", 5, 4), t("f32", 3, 4), undefined], t("f32", 5, 3), { keep_num_dims: true }),
      op("FULLY_CONNECTED", [t("f32", 5, 4), t("f32", 3, 4)], t("f32", 5, 3)),
      op("TRANSPOSE", [t("f32", 1, 2, 3, 4, 5, 6, 7, 8), t("i32", 8)], t("f32", 8, 7, 6, 5, 4, 3, 2, 1)),
      op("RESHAPE", [t("bool", 4)], t("bool", 2, 2), { new_shape: [2, 2] }),
      op("CONCATENATION", [t("f32", 2), t("f32", 3), t("f32", 4)], t("f32", 9)),
      op("SPLIT", [t("i32"), t("f32", 4)], [t("f32", 2), t("f32", 2)]),
      op("SOFTMAX", [q("i8", 0.1, 3, 2, 5)], q("i8", 1 / 256, -128, 2, 5)),
      op("GATHER", [t("f32", 4, 5), t("i64", 3)], t("f32", 3, 5)),
      op("WHILE", [t("f32", 1)], t("f32", 1)),
      op("RFFT2D", [t("f32", 2, 4, 8), t("i32", 2)], t("c64", 2, 4, 5)),
    ];
    expect(fine.map((o) => [o.builtin, checkKernel(o)])).toEqual(fine.map((o) => [o.builtin, undefined]));
  });

  const refused: [why: RegExp, op: OpDescription][] = [
    [/no CPU kernel for STABLEHLO_SORT/, op("STABLEHLO_SORT", [t("f32", 2)], t("f32", 2))],
    [/MUL does not run f64/, op("MUL", [t("f64", 2), t("f64", 2)], t("f64", 2))],
    [
      /operand 1 of ADD is f32, another tensor that must be alike is i32/,
      op("ADD", [t("i32", 2), t("f32", 2)], t("i32", 2)),
    ],
    [/operand 1 of TRANSPOSE must be i32, not i64/, op("TRANSPOSE", [t("f32", 2), t("i64", 1)], t("f32", 2))],
    [/CONV_2D does not run X = f32, W = f32, B = none, O = f32/, op("CONV_2D", [image, filter], t("f32", 1, 8, 8, 4))],
    [
      /PAD takes rank 0-5 here, not 6/,
      op("PAD", [t("f32", 1, 1, 1, 1, 1, 1), t("i32", 6, 2)], t("f32", 1, 1, 1, 1, 1, 1)),
    ],
    [
      /BATCH_MATMUL takes rank 2-5 here/,
      op("BATCH_MATMUL", [t("f32", 1, 1, 1, 1, 2, 3), t("f32", 1, 1, 1, 1, 3, 4)], t("f32", 1, 1, 1, 1, 2, 4)),
    ],
    [
      /ATAN2 does not run f32 \(operands that broadcast\); it runs nothing that way/,
      op("ATAN2", [t("f32", 2), t("f32", 1)], t("f32", 2)),
    ],
    [/SELECT does not run.*broadcast/, op("SELECT", [t("bool", 1, 3), t("f32", 2, 3), t("f32", 2, 3)], t("f32", 2, 3))],
    [
      /REVERSE_V2 does not run f32 \(axes that are not adjacent\)/,
      op("REVERSE_V2", [t("f32", 2, 3, 4), { ...t("i32", 2), values: [0, -1] }], t("f32", 2, 3, 4)),
    ],
    [/operand 2 of REDUCE_WINDOW must be a constant/, reduceWindow()],
    [
      /SOFTMAX must have scale 0\.00390625 and zero point -128, not 0\.1 and 0/,
      op("SOFTMAX", [q("i8", 0.1, 0, 4)], q("i8", 0.1, 0, 4)),
    ],
    [/RESHAPE moves stored values/, op("RESHAPE", [q("i8", 0.1, 0, 4), t("i32", 1)], q("i8", 0.2, 0, 4))],
    [
      /int16 tensors must have zero point 0/,
      op("ADD", [q("i16", 0.1, 1, 4), q("i16", 0.1, 0, 4)], q("i16", 0.1, 0, 4)),
    ],
    [
      /weights of FULLY_CONNECTED must have zero point 0/,
      op("FULLY_CONNECTED", [t("f32", 1, 4), q("i8", 0.1, 2, 3, 4), t("f32", 3)], t("f32", 1, 3)),
    ],
    [
      /int32 bias needs quantized_bias_type/,
      op(
        "CONV_2D",
        [q("i16", 0.1, 0, 1, 8, 8, 3), q("i8", 0.1, 0, 4, 3, 3, 3), t("i32", 4)],
        q("i16", 0.1, 0, 1, 8, 8, 4),
      ),
    ],
    [/NEG takes 1 operands, not 2/, op("NEG", [t("f32", 1), t("f32", 1)], t("f32", 1))],
    [/GATHER lacks operand 1/, op("GATHER", [t("f32", 1), undefined], t("f32", 1))],
  ];
  it.each(refused)("%s", (why, description) => {
    expect(checkKernel(description)).toMatch(why);
  });

  /** Computes batches after the first ones wrongly, as measured. */
  it("knows a kernel that runs and is wrong", () => {
    const hybrid = (...batch: number[]) =>
      op("BATCH_MATMUL", [t("f32", ...batch, 3, 4), q("i8", 0.1, 0, ...batch, 4, 5)], t("f32", ...batch, 3, 5));
    expect(checkKernel(hybrid(2))).toBeUndefined();
    expect(checkKernel(hybrid(2, 3))).toMatch(/takes rank 2-3 here/);
  });
});

function reduceWindow(): OpDescription {
  const ones = { ...t("i64", 1), constant: true };
  return op(
    "REDUCE_WINDOW",
    [t("f32", 4), { ...t("f32"), constant: true }, { ...ones, constant: false }, ones, ones],
    t("f32", 3),
  );
}

describe("kernel facts", () => {
  it("name builtins of the schema, one version range each", () => {
    const known = enumNames("BuiltinOperator") as readonly BuiltinName[];
    const present = known.filter(hasKernel);
    expect(present.length).toBeGreaterThan(160);
    expect(present.filter((builtin) => newestVersion(builtin) < 1)).toEqual([]);
    expect(known.filter((builtin) => !hasKernel(builtin))).toContain("STABLEHLO_CONVOLUTION");
  });
});
