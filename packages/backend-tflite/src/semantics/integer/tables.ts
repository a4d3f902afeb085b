import { gelu } from "../functions.ts";
import { tableRule } from "./look-up.ts";
import { unaryCodes } from "./unary.ts";

const f = Math.fround;

export const expCodes = unaryCodes(tableRule(Math.exp, ["i8", "i16"]));
export const eluCodes = unaryCodes(tableRule((x) => (x < 0 ? Math.expm1(x) : x), ["i8"]));
export const logCodes = unaryCodes(tableRule((x, low) => (x <= 0 ? low : Math.log(x)), ["i8", "i16"]));

const slope = f(Math.sqrt(2 / Math.PI));
const cubic = f(0.044715);
/** As the kernel has it in single precision, term by term. */
function geluTanh(x: number): number {
  const inner = f(slope * f(x + f(f(f(cubic * x) * x) * x)));
  return f(f(0.5 * x) * f(1 + f(Math.tanh(inner))));
}
const geluTypes = ["i8", "u8", "i16"];
const exactGelu = tableRule(gelu, geluTypes);
const tanhGelu = tableRule(geluTanh, geluTypes);
export const geluCodes = unaryCodes((from, to, attrs) =>
  (attrs["approximate"] ? tanhGelu : exactGelu)(from, to, attrs),
);
