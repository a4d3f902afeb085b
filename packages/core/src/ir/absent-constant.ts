import { compileError } from "../diagnostic/diagnostic.ts";
import { countOf, staticShape } from "../eval/tensor-data.ts";
import type { LeafConstant } from "./constant.ts";
import { byteLength } from "./dtype.ts";
import { showType, type TensorType } from "./type.ts";

/**
 * A constant whose elements were left behind when its module was printed: `key` still tells it from others, so that passes over types
 * and structure work as they did, and a {@link compileError} says what is missing when somebody needs the elements.
 */
export function absentConstant(type: TensorType, key: string): LeafConstant {
  const length = byteLength(type.dtype, countOf(staticShape(type.shape)));
  const source = {
    name: key,
    key,
    size: length,
    read: (): Promise<never> =>
      Promise.reject(
        compileError("IR0009", `the elements of a constant ${showType(type)} are not part of the text`, {
          subject: key,
          help: "work on the program itself where elements are needed: in texts, large weights are only named",
        }),
      ),
  };
  return Object.freeze({ kind: "leaf", type, source, offset: 0, length, storageOffset: 0, key });
}
