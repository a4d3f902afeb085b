import {
  dtypeInfo,
  encode,
  parseModule,
  residentData,
  showRaw,
  showType,
  type TensorData,
  toBase64,
} from "@tflower/core";

/** Elements beyond this many are written as base64. */
const readable = 64;

/** Text of a tensor, as the text form writes constants: `[1.0, nan] : f32[2]`. {@link parseTensor} reads it back. */
export function showTensor(t: TensorData): string {
  const { kind } = dtypeInfo(t.type.dtype);
  const element = (v: number | bigint): string =>
    kind === "float" || kind === "complex" ? showRaw(Number(v)) : kind === "bool" ? String(v !== 0) : String(v);
  const elements = Array.from(t.data as ArrayLike<number | bigint>, element);
  return `${elements.length <= readable ? `[${elements.join(", ")}]` : `base64"${toBase64(encode(t))}"`} : ${showType(t.type)}`;
}

/** Reads what {@link showTensor} writes. Throws a `CompileError` that says what is wrong. */
export function parseTensor(text: string): TensorData {
  const module = parseModule(`graph @constant() {\n  %c = const ${text}\n  return %c\n}`, new Map());
  return residentData(module.find("constant")!.outputs[0]!.constant!)!;
}
