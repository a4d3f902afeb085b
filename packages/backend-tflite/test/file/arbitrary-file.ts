import fc from "fast-check";
import { optionsTable } from "../../src/file/builtin-options.ts";
import { tensorBytes } from "../../src/file/check-file.ts";
import {
  type FileDType,
  fileDTypes,
  type Operator,
  type Subgraph,
  type Tensor,
  type TfliteFile,
} from "../../src/file/tflite-file.ts";
import {
  type AnyFields,
  enumNames,
  fieldsOf,
  isEnum,
  isTable,
  isUnion,
  type OptionsTable,
  type TableName,
  unionTables,
} from "../../src/schema/fields.ts";

const INTEGERS: Record<string, fc.Arbitrary<number | bigint>> = {
  byte: fc.integer({ min: -128, max: 127 }),
  ubyte: fc.integer({ min: 0, max: 255 }),
  short: fc.integer({ min: -32768, max: 32767 }),
  ushort: fc.integer({ min: 0, max: 65535 }),
  int: fc.integer(),
  uint: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  // What does not fit a number comes back as a bigint.
  long: fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((v) => (Number.isSafeInteger(Number(v)) ? Number(v) : v)),
  ulong: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((v) => (Number.isSafeInteger(Number(v)) ? Number(v) : v)),
};

function element(type: string): fc.Arbitrary<unknown> {
  if (type === "bool") return fc.boolean();
  if (type === "float") return fc.float({ noNaN: true }).map((v) => (Object.is(v, -0) ? 0 : v));
  if (type === "string") return fc.string({ unit: "binary" });
  if (isEnum(type)) return fc.constantFrom(...enumNames(type));
  if (isTable(type)) return fields(type);
  if (isUnion(type))
    return fc
      .constantFrom(...unionTables(type).slice(1))
      .chain((table) => fields(table as TableName).map((f) => ({ table, fields: f })));
  return INTEGERS[type]!;
}

/** Any content of a table: scalars are always there, as the reader gives them. */
export function fields(table: TableName): fc.Arbitrary<AnyFields> {
  const required: string[] = [];
  const known = fieldsOf(table);
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of known.values()) {
    if (field.name.endsWith("_type") && isUnion(known.get(field.name.slice(0, -5))?.type ?? "")) continue;
    const item = element(field.type);
    if (field.vector)
      model[field.name] = field.type === "ubyte" ? fc.uint8Array({ maxLength: 9 }) : fc.array(item, { maxLength: 4 });
    else {
      model[field.name] = item;
      if (!(field.type === "string" || isTable(field.type) || isUnion(field.type))) required.push(field.name);
    }
  }
  return fc.record(model, { requiredKeys: required });
}

const constant = (dtype: FileDType, shape: readonly number[]): fc.Arbitrary<Uint8Array> => {
  const length = tensorBytes(dtype, shape) ?? 5;
  return fc.uint8Array({ minLength: length, maxLength: length });
};

const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(
    fc.constantFrom(...fileDTypes),
    fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 }),
    fc.boolean(),
    fc.boolean(),
  )
  .chain(
    ([dtype, shape, dynamic, withData]) =>
      fc.record(
        {
          dtype: fc.constant(dtype),
          shape: fc.constant(dynamic ? shape.map((d, i) => (i === 0 ? 1 : d)) : shape),
          name: fc.string(),
          ...(dynamic && shape.length > 0 && { shapeSignature: fc.constant(shape.map((d, i) => (i === 0 ? -1 : d))) }),
          ...(withData && !dynamic ? { buffer: constant(dtype, shape) } : { isVariable: fc.constant(true) }),
          quantization: fc.oneof(
            fc.record({
              scale: fc.constant([0.5]),
              zeroPoint: fc.constant([3]),
              ...(shape.length > 1 && { axis: fc.constant(1) }),
            }),
            fc.record({
              scale: fc.constant([]),
              zeroPoint: fc.constant([]),
              details: fc.constantFrom(
                { table: "BlockwiseQuantization", fields: { scales: 0, zero_points: -1, block_size: 32 } },
                {
                  table: "MultiAxisQuantization",
                  fields: { scales: 0, zero_points: -1, block_size: 4, quantized_dimensions: [0] },
                },
                { table: "CustomQuantization", fields: { custom: Uint8Array.of(1, 2) } },
              ),
            }),
          ),
          sparsity: fields("SparsityParameters"),
        },
        {
          requiredKeys: [
            "dtype",
            "shape",
            ...(withData && !dynamic ? (["buffer"] as const) : (["isVariable"] as const)),
          ],
        },
      ) as fc.Arbitrary<Tensor>,
  );

const optionTables = [
  ...unionTables("BuiltinOptions").slice(1),
  ...unionTables("BuiltinOptions2").slice(1),
] as OptionsTable[];
const operator = (tensors: number): fc.Arbitrary<Operator> => {
  const indices = fc.array(fc.integer({ min: 0, max: tensors - 1 }), { maxLength: 3 });
  return fc.constantFrom(...enumNames("BuiltinOperator")).chain((builtin) =>
    fc.record(
      {
        builtin: fc.constant(builtin),
        version: fc.constant(2),
        ...(builtin === "CUSTOM" && { customCode: fc.string() }),
        inputs: fc.array(fc.integer({ min: -1, max: tensors - 1 }), { maxLength: 3 }),
        outputs: indices,
        intermediates: fc.array(fc.nat(tensors - 1), { minLength: 1, maxLength: 2 }),
        options: fc
          .constantFrom(...[optionsTable(builtin) ?? optionTables].flat())
          .chain((table) => fields(table).map((f) => ({ table, fields: f }))),
        customOptions: fc.uint8Array({ maxLength: 20 }),
        mutatingVariableInputs: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
        debugMetadataIndex: fc.nat(9),
      },
      {
        requiredKeys: [
          "builtin",
          "version",
          "inputs",
          "outputs",
          ...(builtin === "CUSTOM" ? ["customCode"] : []),
        ] as never[],
      },
    ),
  ) as fc.Arbitrary<Operator>;
};

const subgraph: fc.Arbitrary<Subgraph> = fc.array(tensor, { minLength: 1, maxLength: 6 }).chain((tensors) => {
  const indices = fc.array(fc.nat(tensors.length - 1), { maxLength: 3 });
  return fc.record({
    name: fc.string(),
    tensors: fc.constant(tensors),
    inputs: indices,
    outputs: indices,
    operators: fc.array(operator(tensors.length), { maxLength: 4 }),
  });
});

/** Any file that {@link checkFile} accepts: well-formed, though no kernel would make sense of it. */
export const anyFile: fc.Arbitrary<TfliteFile> = fc.array(subgraph, { minLength: 1, maxLength: 3 }).chain((subgraphs) =>
  fc.record(
    {
      description: fc.string(),
      subgraphs: fc.constant(subgraphs),
      metadata: fc.array(fc.record({ name: fc.string(), bytes: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 2 }),
      signatures: fc.uniqueArray(
        fc.record({
          key: fc.string(),
          subgraph: fc.nat(subgraphs.length - 1),
          inputs: fc.constant([{ name: "a", tensor: 0 }]),
          outputs: fc.constant([]),
        }),
        { selector: (s) => s.key, maxLength: 2 },
      ),
    },
    { requiredKeys: ["subgraphs"] },
  ),
) as fc.Arbitrary<TfliteFile>;
