/** One piece of the text form. */
export interface Token {
  readonly kind:
    | "word"
    | "value"
    | "graph"
    | "string"
    | "base64"
    | "elsewhere"
    | "number"
    | "punctuation"
    | "type"
    | "dim"
    | "end";
  /** The piece without its markers: a name without `%`, a string without quotes. */
  readonly text: string;
  /** Offset in the text. */
  readonly at: number;
}

const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["base64", /base64"([A-Za-z0-9+/=]*)"/y],
  ["elsewhere", /elsewhere"((?:[^"\\]|\\.)*)"/y],
  ["string", /"((?:[^"\\]|\\.)*)"/y],
  ["value", /%([\w.$/-]+)/y],
  ["value", /%"((?:[^"\\]|\\.)*)"/y],
  ["graph", /@([\w.$/-]+)/y],
  ["graph", /@"((?:[^"\\]|\\.)*)"/y],
  ["type", /((?:[a-z]+\d\w*|bool|string|resource)\[[^\]]*\](?:<[^>]*>)?)/y],
  ["number", /(-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)(?!\w))/y],
  ["word", /([A-Za-z_][\w.-]*)/y],
  ["punctuation", /(\.\.\.|\.\.|[()[\]{}=:,+*-])/y],
];
const blank = /(?:\s+|\/\/[^\n]*)+/y;

/** Splits text into tokens. `fail` is called where no token begins. */
export function lex(text: string, fail: (at: number, why: string) => never): Token[] {
  const out: Token[] = [];
  let at = 0;
  while (at < text.length) {
    blank.lastIndex = at;
    const space = blank.exec(text);
    if (space) {
      at = blank.lastIndex;
      continue;
    }
    let found: Token | undefined;
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const m = pattern.exec(text);
      if (!m) continue;
      const quoted = m[0].endsWith('"') && kind !== "base64";
      found = { kind, text: quoted ? (JSON.parse(`"${m[1]}"`) as string) : m[1]!, at };
      at = pattern.lastIndex;
      break;
    }
    if (!found) return fail(at, `unexpected character ${JSON.stringify(text[at])}`);
    out.push(found);
  }
  out.push({ kind: "end", text: "the end", at });
  return out;
}
