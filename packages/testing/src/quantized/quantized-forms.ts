import { functionForms } from "./functions.ts";
import { movementForms } from "./movement.ts";
import { pointwiseForms } from "./pointwise.ts";
import { productForms } from "./products.ts";
import type { QuantizedSample } from "./quantized-sample.ts";

/** Every quantized form that the kit can draw. */
export const quantizedForms: readonly QuantizedSample[] = [
  ...productForms,
  ...pointwiseForms,
  ...functionForms,
  ...movementForms,
];
