import type { Attr, Scalar } from "@tflower/core";
import type fc from "fast-check";
import type { Choose } from "../choose/choose.ts";
import { drawn } from "../choose/drawn.ts";
import { commonDTypes, drawDType } from "./dtypes.ts";

const floats = [0, 1, -1, 0.5, 2, -0.5, 1e-5, 3.25, -2.75, 1e-12, 20];
const scalars: readonly Scalar[] = [0n, 1n, 1, 2n, -1n, 0.5, 2, -1, 3n, -2n, 0, -0.5, 1.75, -3.5, true];

/** A value of an attribute, by its kind: its default about as often as something else. */
export function drawAttribute(choose: Choose, attr: Attr<any>): unknown {
  if (attr.hasDefault && !choose.maybe(0.6)) return attr.default;
  return drawValue(choose, attr);
}

function drawValue(choose: Choose, attr: Attr<any>): unknown {
  switch (attr.kind) {
    case "bool":
      return choose.maybe(0.5);
    case "int":
    case "dim":
      return choose.pick([0, 1, 2, -1, 3, -2, 4, -3, 5]);
    case "float":
      return choose.pick(floats);
    case "scalar":
      return choose.pick(scalars);
    case "oneOf":
      return choose.pick(attr.choices!);
    case "dtype":
      return drawDType(choose, commonDTypes);
    case "optional":
      return choose.maybe(0.5) ? drawValue(choose, attr.of!) : undefined;
    case "list":
      return Array.from({ length: choose.below(5) }, () => drawValue(choose, attr.of!));
    default:
      // text and graphs mean something: only what is known to be right
      return attr.hasDefault ? attr.default : choose.discard();
  }
}

/** Values of an attribute, by its kind. */
export const attributes = <T>(attr: Attr<T>): fc.Arbitrary<T> =>
  drawn((choose) => drawAttribute(choose, attr) as T, "attribute");
