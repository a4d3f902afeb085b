import { importError } from "../import-error.ts";
import type { Device, Int, SymExpr, SymSize, TensorMeta } from "./exported-program.ts";
import { asBoolean, asSize, asString, type Decode, type JsonCursor } from "./json-cursor.ts";
import { parseSymExpr, SymExprError } from "./parse-sym-expr.ts";
import { type Layout, layouts, type MemoryFormat, memoryFormats, type Pt2DType, scalarTypes } from "./scalar-type.ts";
import type { SymNode } from "./sym-expr.ts";

export const decodeDType: Decode<Pt2DType> = (at, value) => {
  const code = at.size(value);
  if (Object.hasOwn(scalarTypes, code)) return scalarTypes[code as keyof typeof scalarTypes].name;
  throw at.unknown("element type", String(code));
};

export const decodeLayout: Decode<Layout> = (at, value) => {
  const code = at.size(value);
  if (Object.hasOwn(layouts, code)) return layouts[code as keyof typeof layouts];
  throw at.unknown("layout", String(code));
};

export const decodeMemoryFormat: Decode<MemoryFormat> = (at, value) => {
  const code = at.size(value);
  if (Object.hasOwn(memoryFormats, code)) return memoryFormats[code as keyof typeof memoryFormats];
  throw at.unknown("memory format", String(code));
};

export const decodeDevice: Decode<Device> = (at, value) => {
  const object = at.object(value);
  return { type: at.get(object, "type", asString), index: at.getOr(object, "index", asSize, undefined) };
};

const decodeHint: Decode<Int | boolean> = (at, value) =>
  at.union(value, "a hint", (at, tag, value) => {
    if (tag === "as_int") return at.int(value);
    if (tag === "as_bool") return at.boolean(value);
    if (tag === "as_float") return at.float(value);
    throw at.unknown("hint", tag);
  });

/** A model has thousands of sizes and few different expressions. */
const parsed = new Map<string, SymNode>();
const maxParsed = 4096;

function parseOnce(at: JsonCursor, text: string): SymNode {
  const known = parsed.get(text);
  if (known) return known;
  try {
    const node = parseSymExpr(text);
    if (parsed.size >= maxParsed) parsed.clear();
    parsed.set(text, node);
    return node;
  } catch (error) {
    if (!(error instanceof SymExprError)) throw error;
    throw importError(
      "IMP0014",
      at.where,
      `a symbolic expression cannot be read: ${error.message}`,
      "export the program again with torch 2.13; if the message stays, please report the expression",
    );
  }
}

const decodeSymExpr: Decode<SymExpr> = (at, value) => {
  const object = at.object(value);
  const text = at.get(object, "expr_str", asString);
  return {
    text,
    expr: at.get(object, "expr_str", () => parseOnce(at, text)),
    hint: at.getOr(object, "hint", decodeHint, undefined),
  };
};

export const decodeSymInt: Decode<Int | SymExpr> = (at, value) =>
  at.union(value, "as_int or as_expr", (at, tag, value) => {
    if (tag === "as_int") return at.int(value);
    if (tag === "as_expr") return decodeSymExpr(at, value);
    throw at.unknown("kind of integer", tag);
  });

export const decodeSymFloat: Decode<number | SymExpr> = (at, value) =>
  at.union(value, "as_float or as_expr", (at, tag, value) => {
    if (tag === "as_float") return at.float(value);
    if (tag === "as_expr") return decodeSymExpr(at, value);
    throw at.unknown("kind of float", tag);
  });

export const decodeSymBool: Decode<boolean | SymExpr> = (at, value) =>
  at.union(value, "as_bool or as_expr", (at, tag, value) => {
    if (tag === "as_bool") return at.boolean(value);
    if (tag === "as_expr") return decodeSymExpr(at, value);
    throw at.unknown("kind of boolean", tag);
  });

const decodeSymSize: Decode<SymSize> = (at, value) =>
  at.union(value, "as_int or as_expr", (at, tag, value) => {
    if (tag === "as_int") return at.size(value);
    if (tag === "as_expr") return decodeSymExpr(at, value);
    throw at.unknown("kind of size", tag);
  });

const decodeExtent: Decode<SymSize> = (at, value) => {
  const size = decodeSymSize(at, value);
  if (typeof size === "number" && size < 0) throw at.mismatch("a size of 0 or more", size);
  return size;
};

const decodeSizes: Decode<SymSize[]> = (at, value) => at.list(value, decodeExtent);

export const decodeTensorMeta: Decode<TensorMeta> = (at, value) => {
  const object = at.object(value);
  const sizes = at.get(object, "sizes", decodeSizes);
  return {
    dtype: at.get(object, "dtype", decodeDType),
    sizes,
    strides: at.get(object, "strides", (at, value) => {
      const strides = decodeSizes(at, value);
      if (strides.length === sizes.length) return strides;
      throw at.mismatch(`${sizes.length} strides for ${sizes.length} sizes`, value);
    }),
    storageOffset: at.get(object, "storage_offset", decodeExtent),
    requiresGrad: at.get(object, "requires_grad", asBoolean),
    device: at.get(object, "device", decodeDevice),
    layout: at.get(object, "layout", decodeLayout),
  };
};
