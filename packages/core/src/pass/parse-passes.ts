import { CompileError } from "../diagnostic/diagnostic.ts";
import type { Attr, RawAttr } from "../op/attr.ts";
import { lex, type Token } from "../text/lex.ts";
import type { Pass, PassFactory } from "./define-pass.ts";

/** Passes and pipelines that text may name. */
export interface KnownPasses {
  readonly passes: readonly PassFactory[];
  /** Names that stand for several passes. */
  readonly presets?: Readonly<Record<string, () => readonly Pass[]>>;
}

/**
 * Reads a pipeline such as `clean-up,fold-constants{maxGrowth=0},lower`: what {@link Pass.text} writes, with commas between.
 * Throws a `CompileError` that says what is known.
 */
export function parsePasses(text: string, known: KnownPasses): readonly Pass[] {
  const fail = (message: string): never => {
    throw new CompileError([{ severity: "error", code: "TXT0001", message, subject: text }]);
  };
  const tokens = lex(text, (_, why) => fail(why));
  let at = 0;
  const peek = (): Token => tokens[at]!;
  const isPunctuation = (c: string): boolean => peek().kind === "punctuation" && peek().text === c && ++at > 0;
  const expect = (c: string): void => void (isPunctuation(c) || fail(`expected "${c}", got "${peek().text}"`));
  const word = (what: string): string =>
    peek().kind === "word" ? tokens[at++]!.text : fail(`expected ${what}, got "${peek().text}"`);

  const value = (): RawAttr => {
    const t = tokens[at++]!;
    if (t.kind === "string") return t.text;
    if (t.kind === "number") return /^-?\d+$/.test(t.text) ? BigInt(t.text) : Number(t.text.replace("inf", "Infinity"));
    if (t.kind === "word")
      return t.text === "true" || (t.text === "false" ? false : t.text === "none" ? undefined : t.text);
    if (t.text !== "[") return fail(`expected an option's value, got "${t.text}"`);
    const list: RawAttr[] = [];
    if (isPunctuation("]")) return list;
    do list.push(value());
    while (isPunctuation(","));
    expect("]");
    return list;
  };
  const options = (factory: PassFactory): Record<string, unknown> => {
    const out: Record<string, unknown> = {};
    if (!isPunctuation("{") || isPunctuation("}")) return out;
    do {
      const name = word("an option's name");
      const spec = (factory.info.options as Readonly<Record<string, Attr<any>>>)[name];
      if (!spec)
        return fail(
          `pass "${factory.info.name}" has no option "${name}"; it has ${Object.keys(factory.info.options).join(", ") || "none"}`,
        );
      expect("=");
      out[name] = spec.read(value());
      if (!spec.check(out[name])) fail(`pass "${factory.info.name}": option "${name}" must be ${spec.expected}`);
    } while (isPunctuation(","));
    expect("}");
    return out;
  };

  const out: Pass[] = [];
  do {
    const name = word("the name of a pass");
    const factory = known.passes.find((p) => p.info.name === name);
    const preset = known.presets?.[name];
    if (factory) out.push(factory(options(factory)));
    else if (preset) out.push(...preset());
    else
      fail(
        `unknown pass "${name}"; known: ${[...Object.keys(known.presets ?? {}), ...known.passes.map((p) => p.info.name)].join(", ")}`,
      );
  } while (isPunctuation(","));
  if (peek().kind !== "end") fail(`expected "," or the end, got "${peek().text}"`);
  return out;
}
