/** The reals that a value takes, as far as quantization has to hold them. */
export interface QuantRange {
  readonly min: number;
  readonly max: number;
}

/** How a plugin wants a node to be quantized; what it leaves out, the recipe decides. */
export interface QuantAnnotation {
  /** One of the recipe's ways to quantize a node, by name; `float` leaves the node as it is. */
  readonly choice?: string;
  /** Ranges that are known rather than observed, by name of an operand or a result. */
  readonly ranges?: Readonly<Record<string, QuantRange>>;
  /** Why, for people who read the report. */
  readonly reason?: string;
}
