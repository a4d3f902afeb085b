import { mapOperands, type Node, type Rewriter, type Value } from "@tflower/core";

/** How a value shares memory with another one. */
interface Alias {
  /** The value it shares memory with, as the program names it. */
  readonly base: Value;
  /** The view that makes it of `base`; absent where it is `base` itself under another name. */
  readonly view?: { readonly node: Node; readonly result: number };
}

/** What stands for a value, and for which state of its memory. */
interface Standing {
  readonly now: Value;
  readonly version: number;
}

/** The operand that result `result` of a view is made of. */
export function viewedOperand(node: Node, result: number): Value {
  const operand = node.operands_[node.op.traits.view!.operand];
  return (Array.isArray(operand) ? operand[result] : operand) as Value;
}

/**
 * Which values of a program share memory, and what they hold after each write. Values are known as the program names them; what
 * stands for one at some place of the functional program is asked for with {@link read}. A value that is no view of another one is
 * the root of its memory. A write makes new values for what was written and everything it is a view of; views beside it are made
 * anew when they are read.
 */
export class Memory {
  private readonly rewriter: Rewriter;
  private readonly aliases = new Map<Value, Alias>();
  private readonly current = new Map<Value, Standing>();
  /** How often the memory of each root was written, and by what last. */
  private readonly writes = new Map<Value, { readonly count: number; readonly by: Node }>();
  /** Roots that may or may not share memory. */
  private readonly doubts = new Map<Value, Set<Value>>();
  /** Roots of whose contents nothing is known any more, and since when. */
  private readonly lost = new Map<Value, Node>();

  constructor(rewriter: Rewriter) {
    this.rewriter = rewriter;
  }

  /** `value` is a view of `base`, or `base` itself. */
  alias(value: Value, base: Value, view?: Alias["view"]): void {
    this.aliases.set(value, { base, ...(view && { view }) });
    // a view has just been made of what its base holds now
    if (view) this.current.set(value, { now: value, version: this.versionOf(value) });
  }
  /** `value` and `base` may or may not share memory. */
  doubt(value: Value, base: Value): void {
    const [a, b] = [this.rootOf(value), this.rootOf(base)];
    this.doubtsOf(a).add(b);
    this.doubtsOf(b).add(a);
  }
  /** The value that `v` is a view of, at the end of the chain. */
  rootOf(v: Value): Value {
    let at = v;
    for (let a = this.aliases.get(at); a; a = this.aliases.get(at)) at = a.base;
    return at;
  }
  /** The node since which nobody knows what `v` holds. */
  lostBy(v: Value): Node | undefined {
    return this.lost.get(this.rootOf(v));
  }
  /** Roots of which nothing is known any more. */
  get unknown(): Iterable<Value> {
    return this.lost.keys();
  }
  /** Roots that were written, with what they hold, and what wrote last. */
  get written(): readonly { readonly root: Value; readonly now: Value; readonly by: Node }[] {
    return [...this.writes].map(([root, { by }]) => ({ root, now: this.current.get(root)!.now, by }));
  }

  /** What `v` holds now; a view of something that was written since is made anew before `at`. */
  read(v: Value, at: Node | undefined): Value {
    const known = this.current.get(v);
    if (known?.version === this.versionOf(v)) return known.now;
    const alias = this.aliases.get(v);
    if (!alias) return known?.now ?? v;
    const base = this.read(alias.base, at);
    const now = alias.view ? this.remake(alias.view, base, v, at) : base;
    this.current.set(v, { now, version: this.versionOf(v) });
    return now;
  }

  /** `target` holds `value` from `at` on, and what it is a view of follows. Gives why that cannot be said, or `undefined`. */
  write(target: Value, value: Value, at: Node): string | undefined {
    const fresh: [Value, Value][] = [[target, value]];
    let v = target;
    let now = value;
    for (let alias = this.aliases.get(v); alias; alias = this.aliases.get(v)) {
      if (alias.view) {
        const { node, result } = alias.view;
        const place = { before: at, locations: at.locations };
        const written = node.op.traits.writeBack?.({
          base: this.read(alias.base, at),
          attrs: node.attrs as Record<string, unknown>,
          result,
          written: now,
          emit: (op, operands, attrs) => this.rewriter.create(op, operands as never, attrs, place).results[0]!,
        });
        if (!written)
          return `it writes into the result of "${node.op.name}", and how that reaches the tensor it is a view of is not known`;
        now = written;
      }
      v = alias.base;
      fresh.push([v, now]);
    }
    const version = this.versionOf(v) + 1;
    this.writes.set(v, { count: version, by: at });
    for (const [x, y] of fresh) this.current.set(x, { now: y, version });
    this.loseDoubtful(v, at);
    return undefined;
  }

  private versionOf(v: Value): number {
    return this.writes.get(this.rootOf(v))?.count ?? 0;
  }
  private doubtsOf(root: Value): Set<Value> {
    const known = this.doubts.get(root);
    if (known) return known;
    const made = new Set<Value>();
    this.doubts.set(root, made);
    return made;
  }
  /** Whatever may share memory with `root`, directly or through others, may have changed. */
  private loseDoubtful(root: Value, node: Node): void {
    const seen = new Set([root]);
    for (const r of seen)
      for (const other of this.doubts.get(r) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        this.lost.set(other, node);
      }
  }
  /** The view once more, of what its base holds now; its other operands are as they were. */
  private remake({ node, result }: NonNullable<Alias["view"]>, base: Value, v: Value, at: Node | undefined): Value {
    const { operand } = node.op.traits.view!;
    const before = node.operands_[operand];
    const operands = {
      ...mapOperands(node.operands_, (x) => x),
      [operand]: Array.isArray(before) ? before.with(result, base) : base,
    };
    const again = this.rewriter.create(node.op, operands as never, node.attrs as Record<string, unknown>, {
      before: at,
      locations: node.locations,
      types: node.results.map((r) => r.type),
    });
    const made = again.results[result]!;
    made.name = v.name;
    return made;
  }
}
