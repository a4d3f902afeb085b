import type { Constant } from "./constant.ts";
import type { Node } from "./node.ts";
import type { TensorType } from "./type.ts";

/** One SSA value: a graph input, a constant, or a result of a node. Has identity; edited through a `Rewriter`. */
export class Value {
  type: TensorType;
  /** A name for people and for the file; need not be unique. */
  name: string | undefined;
  readonly producer: Node | undefined;
  readonly constant: Constant | undefined;
  /** Every node that reads this value. */
  readonly users: Set<Node> = new Set();
  constructor(
    type: TensorType,
    from: { readonly producer?: Node; readonly constant?: Constant; readonly name?: string | undefined } = {},
  ) {
    this.type = type;
    this.producer = from.producer;
    this.constant = from.constant;
    this.name = from.name;
  }
}
