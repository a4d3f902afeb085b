import { type Attr, type Attrs, type OpDef, type RawAttr, showRaw } from "@tflower/core";
import { fileDTypes, type Operator } from "../file/tflite-file.ts";
import { type AnyFields, enumNames, type FieldInfo, fieldsOf, isEnum, type OptionsTable } from "../schema/fields.ts";
import { FileProblem } from "./file-problem.ts";
import { readFlexMap } from "./read-flex-buffer.ts";

/** Fields that say something about 16-bit integers only; for other operands writers put anything there. */
const about16Bits: ReadonlySet<string> = new Set(["pot_scale_int16", "quantized_bias_type"]);

/** What a field means that a file leaves out. */
function fallback(field: FieldInfo): unknown {
  if (field.vector) return field.type === "ubyte" ? undefined : [];
  if (isEnum(field.type)) return enumNames(field.type)[Number(field.fallback)];
  if (field.type === "string") return "";
  return field.type === "bool" ? Boolean(field.fallback) : field.fallback;
}

/** What a table of options holds. */
export interface ImportedOptions {
  readonly attrs: Record<string, unknown>;
  /** Fields that no attribute holds and that do not say what a missing field says. */
  readonly rest: ReadonlyMap<string, unknown>;
}

/** Reads an operator's options. `graphs` are the names of the file's subgraphs; `is16Bit` says whether an operand is made of 16-bit integers. */
export function importOptions(
  op: OpDef,
  operator: Operator,
  graphs: readonly string[],
  is16Bit: boolean,
): ImportedOptions {
  const info = op.traits.tfl!;
  const specs = op.attrs as Attrs;
  const own = Object.keys(specs).filter((k) => !(k in info.parameters));
  const given = operator.options;
  if (given && info.options !== undefined && given.table !== info.options)
    throw new FileProblem("TFL0033", `its options are a ${given.table}, and ${info.builtin} takes a ${info.options}`);
  const table = (info.options ?? given?.table) as OptionsTable | undefined;
  const known = table === undefined ? new Map<string, FieldInfo>() : fieldsOf(table);
  const fields: AnyFields = given?.fields ?? {};
  const contentOf = (k: string): unknown => fields[k] ?? fallback(known.get(k)!);
  const rest = new Map(
    [...known]
      .filter(
        ([k, field]) =>
          !own.includes(k) && !(about16Bits.has(k) && !is16Bit) && show(contentOf(k)) !== show(fallback(field)),
      )
      .map(([k]) => [k, contentOf(k)]),
  );
  return {
    attrs: Object.fromEntries(own.map((k) => [k, attribute(specs[k]!, k, known.get(k)!, contentOf(k), graphs)])),
    rest,
  };
}
const show = (v: unknown): string =>
  JSON.stringify(v, (_, x: unknown) => (typeof x === "bigint" ? `${x}` : x)) ?? "none";

function attribute(spec: Attr<any>, name: string, field: FieldInfo, v: unknown, graphs: readonly string[]): unknown {
  if (field.type === "ubyte") return v === undefined ? [] : pairs(v as Uint8Array, name);
  if (spec.kind === "list")
    return Array.from(v as ArrayLike<unknown>, (x) => attribute(spec.of!, name, field, x, graphs));
  if (spec.kind === "graph")
    return graphs[v as number] ?? refuse(`its option "${name}" is subgraph ${String(v)} of ${graphs.length}`);
  if (spec.kind === "dtype")
    return (
      fileDTypes[enumNames("TensorType").indexOf(v as string)] ??
      refuse(`its option "${name}" is element type ${String(v)}, which is unknown`)
    );
  return typeof v === "bigint" ? spec.read(v) : v;
}
const refuse = (why: string): never => {
  throw new FileProblem("TFL0033", why);
};

/** Bytes of a table of options are a FlexBuffer map; what would be written in another form is not taken for the same. */
function pairs(bytes: Uint8Array, name: string): readonly RawAttr[] {
  const { entries, lists } = readFlexMap(bytes, `option "${name}"`);
  if (lists.has("typed"))
    throw new FileProblem(
      "TFL0033",
      `its option "${name}" holds typed vectors, which readers of composites do not look for`,
    );
  return [...entries];
}

/** The attributes that the FlexBuffer map of a declared custom op holds. */
export function importCustomOptions(op: OpDef, bytes: Uint8Array | undefined): Record<string, unknown> {
  const info = op.traits.tfl!;
  if (info.rawOptions !== undefined)
    return bytes ? { [info.rawOptions]: btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")) } : {};
  const entries = bytes?.byteLength
    ? readFlexMap(bytes, `custom op "${info.customCode}"`).entries
    : new Map<string, RawAttr>();
  const attrs = op.attrs as Attrs;
  const out: Record<string, unknown> = {};
  for (const [k, v] of entries) {
    const spec = k in info.parameters ? undefined : attrs[k];
    if (!spec)
      throw new FileProblem(
        "TFL0033",
        `its option "${k}" is ${showRaw(v)}, and "${op.name}" declares no such attribute`,
        "declare it, or leave the op undeclared: then its options are kept as they are",
      );
    out[k] = spec.read(v);
  }
  return out;
}
