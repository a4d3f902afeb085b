import { invalid } from "@tflower/core";

/** Whether elements equal to the value that is looked for count as coming before it. */
export function rightSide({ right, side }: { readonly right: boolean; readonly side: string | undefined }): boolean {
  if (side !== undefined && side !== "left" && side !== "right")
    return invalid(`side must be "left" or "right", got "${side}"`);
  if (side === "left" && right) return invalid('side is "left", but right is true');
  return side === undefined ? right : side === "right";
}
