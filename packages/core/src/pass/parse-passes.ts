import { CompileError } from "../diagnostic/diagnostic.ts";
import { type Attr, attr, type RawAttr } from "../op/attr.ts";
import { lex, type Token } from "../text/lex.ts";
import { groupPasses, repeatPasses } from "./compose-passes.ts";
import type { Pass, PassFactory, PassInfo } from "./define-pass.ts";

/** Passes and pipelines that text may name. */
export interface KnownPasses {
  readonly passes: readonly PassFactory[];
  /** Names that stand for several passes. */
  readonly presets?: Readonly<Record<string, () => readonly Pass[]>>;
}

const repeatInfo: PassInfo = {
  name: "repeat",
  summary: "Repeats passes until nothing changes.",
  options: { atMost: attr.int.about("rounds").default_(10) },
  requires: [],
  after: [],
};

/**
 * Reads a pipeline such as `clean-up,fold-constants{maxGrowth=0},lower`: what {@link Pass.text} writes, with commas between.
 * `name(a,b)` is {@link groupPasses}, and `repeat(a,b)` is {@link repeatPasses}. Throws a `CompileError` that says what is known.
 */
export function parsePasses(text: string, known: KnownPasses): readonly Pass[] {
  return new PassesParser(text, known).passes();
}

class PassesParser {
  private readonly text: string;
  private readonly known: KnownPasses;
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(text: string, known: KnownPasses) {
    this.text = text;
    this.known = known;
    this.tokens = lex(text, (_, why) => this.fail(why));
  }

  passes(): readonly Pass[] {
    const out = this.list();
    if (this.peek().kind !== "end") this.fail(`expected "," or the end, got "${this.peek().text}"`);
    return out;
  }

  private list(): readonly Pass[] {
    const out: Pass[] = [];
    do out.push(...this.item());
    while (this.isPunctuation(","));
    return out;
  }
  private item(): readonly Pass[] {
    const name = this.word("the name of a pass");
    if (name === repeatInfo.name) {
      const { atMost } = this.options(repeatInfo) as { readonly atMost?: number };
      this.expect("(");
      return [repeatPasses(this.group(), atMost === undefined ? {} : { atMost })];
    }
    if (this.isPunctuation("(")) return [groupPasses(name, this.group())];
    const factory = this.known.passes.find((p) => p.info.name === name);
    if (factory) return [factory(this.options(factory.info))];
    const preset = this.known.presets?.[name];
    if (preset) return preset();
    const names = [...Object.keys(this.known.presets ?? {}), ...this.known.passes.map((p) => p.info.name)];
    return this.fail(`unknown pass "${name}"; known: ${names.join(", ")}`);
  }
  /** The passes up to the closing parenthesis; the opening one has been read. */
  private group(): readonly Pass[] {
    const out = this.isPunctuation(")") ? [] : this.list();
    if (out.length) this.expect(")");
    return out;
  }

  private options(info: PassInfo): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    if (!this.isPunctuation("{") || this.isPunctuation("}")) return out;
    do {
      const name = this.word("an option's name");
      const spec = (info.options as Readonly<Record<string, Attr<any>>>)[name];
      if (!spec)
        return this.fail(
          `pass "${info.name}" has no option "${name}"; it has ${Object.keys(info.options).join(", ") || "none"}`,
        );
      this.expect("=");
      out[name] = spec.read(this.value());
      if (!spec.check(out[name]))
        this.fail(`pass "${info.name}": option "${name}" must be ${spec.expected}, got ${String(out[name])}`);
    } while (this.isPunctuation(","));
    this.expect("}");
    return out;
  }
  private value(): RawAttr {
    const t = this.tokens[this.at++]!;
    if (t.kind === "string") return t.text;
    if (t.kind === "number") return /^-?\d+$/.test(t.text) ? BigInt(t.text) : Number(t.text.replace("inf", "Infinity"));
    if (t.kind === "word")
      return t.text === "true" || (t.text === "false" ? false : t.text === "none" ? undefined : t.text);
    if (t.text !== "[") return this.fail(`expected an option's value, got "${t.text}"`);
    const list: RawAttr[] = [];
    if (this.isPunctuation("]")) return list;
    do list.push(this.value());
    while (this.isPunctuation(","));
    this.expect("]");
    return list;
  }

  private peek(): Token {
    return this.tokens[this.at]!;
  }
  private isPunctuation(c: string): boolean {
    return this.peek().kind === "punctuation" && this.peek().text === c && ++this.at > 0;
  }
  private expect(c: string): void {
    if (!this.isPunctuation(c)) this.fail(`expected "${c}", got "${this.peek().text}"`);
  }
  private word(what: string): string {
    return this.peek().kind === "word"
      ? this.tokens[this.at++]!.text
      : this.fail(`expected ${what}, got "${this.peek().text}"`);
  }
  private fail(message: string): never {
    throw new CompileError([{ severity: "error", code: "TXT0001", message, subject: this.text }]);
  }
}
