import type { Rewriter, Value } from "@tflower/core";

declare module "@tflower/core" {
  interface Traits {
    /** PyTorch's own line for this op. */
    readonly schema?: string;
    /**
     * For a view: the base after the view has been written. Gets the base's value, the operands and attributes of the view's
     * node, and the view's new value; makes functional ops. A view without it cannot be written in place.
     */
    readonly writeBack?: (write: WriteBack) => Value;
  }
}

/** What {@link Traits.writeBack} gets. */
export interface WriteBack {
  readonly base: Value;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Which result of the view's node was written, for `split` and `unbind`. */
  readonly result: number;
  readonly written: Value;
  /** Makes a node where the write happens. */
  readonly emit: (op: import("@tflower/core").OpDef<any, any, any>, operands: Readonly<Record<string, unknown>>, attrs?: Readonly<Record<string, unknown>>) => Value;
  readonly rewriter: Rewriter;
}
