import { readFileSync } from "node:fs";
import { isComplex, type OpDef, parseType, type RawAttr, type TensorData, tensorData } from "@tflower/core";
import { atenOps } from "../src/index.ts";
import type { Application, DataOperands } from "./lowered.ts";

/** An application with the results that PyTorch gives. */
export interface Case extends Application {
  readonly name: string;
  readonly expected: readonly TensorData[];
}

const ops = new Map(atenOps().map((o) => [o.name, o]));
const number = (text: string): number =>
  text === "inf" ? Infinity : text === "-inf" ? -Infinity : text === "nan" ? Number.NaN : Number(text);

/** `f32[2,2] 1 2 3 4` as data. */
export function readTensor(text: string): TensorData {
  const [type, ...elements] = text.split(" ");
  const { dtype, shape } = parseType(type!);
  const extents = shape as readonly number[];
  if (dtype === "i64") return tensorData(dtype, extents, elements.map(BigInt));
  if (!isComplex(dtype)) return tensorData(dtype, extents, elements.map(number));
  const data = tensorData(dtype, extents, new Array(elements.length).fill(0));
  elements.forEach((e, i) => {
    data.data[i] = number(e);
  });
  return data;
}
function readAttr(v: unknown): RawAttr {
  if (Array.isArray(v)) return v.map(readAttr);
  if (typeof v === "object" && v !== null)
    return "int" in v ? BigInt(v.int as string) : number((v as { float: string }).float);
  return typeof v === "number" ? BigInt(v) : v === null ? undefined : (v as RawAttr);
}

/** The cases of a family, as `cases/make_FAMILY.py` has written them. */
export function casesOf(family: string): readonly Case[] {
  const lines = readFileSync(new URL(`cases/${family}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => {
    const raw = JSON.parse(line) as {
      op: string;
      in: Record<string, string | null | (string | null)[]>;
      attrs: Record<string, unknown>;
      out: string[];
      constants?: string[];
    };
    const op = ops.get(raw.op) as OpDef | undefined;
    if (!op) throw new Error(`${raw.op} is not declared`);
    const operands: Record<string, unknown> = {};
    for (const [k, v] of Object.entries(raw.in))
      operands[k] = Array.isArray(v)
        ? v.map((x) => (x === null ? undefined : readTensor(x)))
        : v === null
          ? undefined
          : readTensor(v);
    const attrs: Record<string, unknown> = {};
    for (const [k, v] of Object.entries(raw.attrs)) attrs[k] = op.attrs[k].read(readAttr(v));
    const expected = raw.out.map(readTensor);
    return {
      name: line.replace(/,"out".*/, ""),
      op,
      operands: operands as DataOperands,
      attrs,
      expected,
      ...(raw.constants && { constants: raw.constants }),
      ...(!op.infer && { types: expected.map((t) => t.type) }),
    };
  });
}
