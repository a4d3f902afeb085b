import type { Location } from "../ir/location.ts";
import type { Node } from "../ir/node.ts";

/** A choice between forms of a node by what they cost, for whoever asks why. */
export interface Decision {
  /** What was decided about: the node as it was. */
  readonly op: string;
  readonly subject: string;
  readonly location?: Location;
  /** The forms weighed, with what each costs in units of the target's cost table; the first is the node as it was. */
  readonly forms: readonly { readonly name: string; readonly cost: number }[];
  /** The name of the form taken. */
  readonly chosen: string;
  /** Why it is not the cheapest, where it is not. */
  readonly reason?: string;
}

/** A {@link Decision} about `node` as it is now. */
export const decisionOn = (node: Node, forms: Decision["forms"], chosen: string, reason?: string): Decision => ({
  op: node.op.name,
  subject: node.describe(),
  ...(node.locations[0] && { location: node.locations[0] }),
  forms,
  chosen,
  ...(reason !== undefined && { reason }),
});
