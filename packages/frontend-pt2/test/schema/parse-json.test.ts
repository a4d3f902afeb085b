import fc from "fast-check";
import { isInteger, parse as parseLossless } from "lossless-json";
import { describe, expect, it } from "vitest";
import { isProtected, parseJson, unprotect } from "../../src/schema/parse-json.ts";
import { expectCode } from "../support/expect-code.ts";

const where = { file: "a.pt2", part: "model.json" };
const parse = (text: string) => parseJson(new TextEncoder().encode(text), where);

/** Protected integers as bigints: the form in which lossless-json is asked to give them. */
function plain(value: unknown): unknown {
  if (typeof value === "string") return isProtected(value) ? BigInt(unprotect(value)) : value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value;
}
const oracle = (text: string): unknown =>
  parseLossless(text, undefined, {
    parseNumber: (digits) =>
      isInteger(digits) && !Number.isSafeInteger(Number(digits)) ? BigInt(digits) : Number(digits),
    onDuplicateKey: ({ newValue }) => newValue,
  });

/** Numbers at all interesting edges, as text. */
const number = fc.oneof(
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.bigInt({ min: 2n ** 53n - 5n, max: 2n ** 53n + 5n }).map(String),
  fc.bigInt({ min: 10n ** 15n - 3n, max: 10n ** 15n + 3n }).map((n) => `-${n}`),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((d) => JSON.stringify(d)),
  fc.constantFrom(
    "0",
    "-0",
    "1.0",
    "1e5",
    "1E+5",
    "12345678901234567890.5",
    "1234567890123456789e2",
    "0.12345678901234567890",
  ),
);
/** Strings full of what the scan must not mistake for numbers or for their own end. */
const string = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        "\\",
        "\\\\",
        '\\"',
        ": 9223372036854775807, ",
        "9223372036854775807",
        "NaN",
        "-Infinity",
        "[",
        "\n",
        "\u0000",
        "é",
        "🙂",
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""))
  .filter((s) => !isProtected(s));
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    number,
    string.map((s) => JSON.stringify(s)),
    fc.constantFrom("true", "false", "null"),
    fc.array(tie("tree"), { maxLength: 5 }).map((xs) => `[${xs.join(", ")}]`),
    fc
      .uniqueArray(fc.tuple(string, tie("tree")), { selector: ([k]) => k, maxLength: 5 })
      .map((xs) => `{${xs.map(([k, v]) => `${JSON.stringify(k)} : ${v}`).join(",\n")}}`),
  ),
}));

const wellFormed = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));

describe("parseJson", () => {
  it("gives what lossless-json gives", () => {
    fc.assert(
      fc.property(tree, (text) => {
        expect(plain(parse(text))).toEqual(oracle(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses what lossless-json refuses, and never crashes", async () => {
    const cuts = fc.tuple(
      tree,
      fc.nat(),
      fc.nat(),
      fc.constantFrom("", '"', "\\", "9007199254740993", ",", "}", "N", "-", "\u0001"),
    );
    await fc.assert(
      fc.asyncProperty(cuts, async ([text, from, length, put]) => {
        const at = from % (text.length + 1);
        // a cut through a surrogate pair does not survive UTF-8
        const broken = wellFormed(text.slice(0, at) + put + text.slice(at + (length % 4)));
        const accepted = (f: () => unknown): boolean => {
          try {
            f();
            return true;
          } catch {
            return false;
          }
        };
        const native = accepted(() => JSON.parse(broken));
        if (native) expect(plain(parse(broken))).toEqual(oracle(broken));
        else if (!/NaN|Infinity/.test(broken)) await expectCode("IMP0010", () => parse(broken), /model\.json/);
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps int64 exact", () => {
    expect(
      plain(parse('{"a": [9223372036854775807, -9223372036854775808, 9007199254740993, 9007199254740991]}')),
    ).toEqual({
      a: [9223372036854775807n, -9223372036854775808n, 9007199254740993n, 9007199254740991],
    });
  });

  it("takes the words that Python writes for what JSON has no numbers for", () => {
    const words = parse('[NaN, Infinity, -Infinity, "NaN"]') as string[];
    expect(words.map((w) => (isProtected(w) ? unprotect(w) : `text ${w}`))).toEqual([
      "NaN",
      "Infinity",
      "-Infinity",
      "text NaN",
    ]);
  });

  it("refuses numbers as keys, other words, and text that is not UTF-8", async () => {
    for (const text of ["{9007199254740993: 1}", "{NaN : 1}", "[None]", "[Infinit]", "[nan]", "[-Infinityx]", "", "[1"])
      await expectCode("IMP0010", () => parse(text));
    await expectCode("IMP0010", () => parseJson(Uint8Array.of(34, 0xff, 34), where), /UTF-8/);
  });

  it("survives nesting that would overflow a recursive parser", () => {
    expect(() => parse(`${"[".repeat(200_000)}12345678901234567890${"]".repeat(200_000)}`)).not.toThrow(RangeError);
  });
});
