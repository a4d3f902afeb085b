import type { AnyOperands, OpDef, TensorType, Value } from "@tflower/core";

declare module "@tflower/core" {
  interface Traits {
    /** PyTorch's own line for this op. */
    readonly schema?: string;
    /**
     * For a view that is not one in every application: whether this one is. `undefined` where nothing in the program tells;
     * neither side may then be read after the other was written. Without it every application is a view.
     */
    readonly sharesMemory?: (application: OpApplication) => boolean | undefined;
    /**
     * For a view: the base after the view has been written. Gets the base's value, the operands and attributes of the view's
     * node, and the view's new value; makes functional ops. A view without it, or for which it gives nothing, cannot be written in place.
     */
    readonly writeBack?: (write: WriteBack) => Value | undefined;
    /** Depends on how its operands' elements are written in memory, not on the numbers they are. */
    readonly readsBits?: boolean;
    /** Operands that an application overwrites without any result that says so, as `batch_norm` in training does. */
    readonly overwrites?: (application: OpApplication) => readonly string[];
  }
}

/** What is known of one application of an op without its values. */
export interface OpApplication {
  readonly types: AnyOperands<TensorType>;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** What {@link Traits.writeBack} gets. */
export interface WriteBack {
  readonly base: Value;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Which result of the view's node was written, for `split` and `unbind`. */
  readonly result: number;
  readonly written: Value;
  /** Makes a node where the write happens. */
  readonly emit: (
    op: OpDef<any, any, any>,
    operands: Readonly<Record<string, unknown>>,
    attrs?: Readonly<Record<string, unknown>>,
  ) => Value;
}
