/** Thrown by {@link refuse}: why something cannot be said in QNN's terms, and what would help. */
export class QnnRefusal extends Error {
  override readonly name = "QnnRefusal";
  readonly fix: string | undefined;
  constructor(reason: string, fix?: string) {
    super(reason);
    this.fix = fix;
  }
}

/** Says, while a node is put in QNN's terms, why it cannot be. */
export function refuse(reason: string, fix?: string): never {
  throw new QnnRefusal(reason, fix);
}
