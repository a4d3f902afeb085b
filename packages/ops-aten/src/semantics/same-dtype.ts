import { invalid, type TensorType } from "@tflower/core";

/** Refuses a source whose elements are of another dtype than those it goes among. */
export function needSameDType(self: TensorType, source: TensorType, name = "source"): void {
  if (self.dtype !== source.dtype) invalid(`${name} must be of ${self.dtype} like self, got ${source.dtype}`);
}
