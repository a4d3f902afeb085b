import type { Node } from "@tflower/core";

/** Version of the op that a node needs. */
export function versionOf(_node: Node): number {
  return 1;
}
