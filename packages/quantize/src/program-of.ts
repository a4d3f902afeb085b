import { type Module, showType } from "@tflower/core";
import { moduleValueNames } from "./value-names.ts";

/**
 * What tells a compiled program from others that statistics may be of: a number made of the names and types of all its values. Weights are
 * not in it.
 */
export function programOf(module: Module): string {
  const text = [...moduleValueNames(module)].map(([v, name]) => `${name} ${showType(v.type)}`).join("\n");
  // FNV-1a, once forwards and once backwards
  let [a, b] = [0x811c9dc5, 0x811c9dc5];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return [a, b].map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
}
