/** Every code core itself gives, with the cause in one line. Packages add theirs to their own tables. */
export const codes = {
  IR0001: "an operand is missing",
  IR0002: "an operand has a type its op does not take",
  IR0003: "a value is read before it is defined",
  IR0004: "a result's type differs from what its op infers",
  IR0005: "an attribute has a value its op does not take",
  IR0006: "operands or attributes do not fit together",
  IR0007: "a graph refers to something that is not there",
  IR0008: "an edit would break the graph",
  IR0009: "a constant cannot be evaluated",
  TXT0001: "the text form is malformed",
  LOW0001: "no lowering applies",
  LOW0002: "a lowering changed a result's type",
  LOW0003: "a lowering threw",
  EVL0001: "an op has no reference semantics",
  PAS0001: "a pass threw",
  PAS0002: "a pass does not preserve what it says it preserves",
  PAS0003: "a pass comes before one that it requires",
  PAR0001: "a partitioning is impossible",
} as const;

/** A diagnostic code of core. */
export type Code = keyof typeof codes;
