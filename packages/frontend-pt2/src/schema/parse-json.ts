import { importError, type Where } from "../import-error.ts";

/**
 * Begins a string that stands for an integer beyond 2^53, or for a bare `Infinity` or `NaN` as Python's json writes them.
 * Nothing else begins with NUL: {@link isProtected} strings are numbers, all others are text.
 */
const mark = "\u0000#";

/** Whether a parsed string stands for a number. */
export const isProtected = (text: string): boolean => text.charCodeAt(0) === 0 && text.charCodeAt(1) === 35;

/** The digits or the word that a protected string stands for. */
export const unprotect = (text: string): string => text.slice(2);

/** Digits that may be an integer beyond 2^53, or a word that is no JSON. The rest of the text has neither. */
const suspicious = /(?<![.\d])\d{16}|NaN|Infinity/;

/**
 * Parses JSON with the platform's parser, which is several times faster than any written in JavaScript, and keeps
 * int64 exact all the same: a scan over the bytes finds integers that a double would round, and wraps them in marked
 * strings. Most texts have none, which a regular expression finds out at once.
 */
export function parseJson(bytes: Uint8Array, where: Where): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw notJson(where, "it is not UTF-8 text");
  }
  if (suspicious.test(text)) {
    const found = findInexact(bytes);
    if (found.length > 0) text = utf8.decode(wrap(bytes, found));
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notJson(where, error instanceof Error ? error.message : String(error));
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

const notJson = (where: Where, why: string) =>
  importError(
    "IMP0010",
    where,
    `expected JSON text: ${why}`,
    "export the program again; torch.export.save writes valid JSON",
  );

const quoteByte = 34;
const backslash = 92;
const minus = 45;

/** Whether `c` can be part of a number token: a digit, or one of `+-.Ee`. */
const inNumber = (c: number): boolean =>
  (c >= 48 && c <= 57) || c === 46 || c === 45 || c === 43 || c === 101 || c === 69;

/** Start and end of every token that must be wrapped, one pair after the other. */
function findInexact(bytes: Uint8Array): number[] {
  const found: number[] = [];
  const n = bytes.length;
  let i = 0;
  while (i < n) {
    const c = bytes[i]!;
    if (c === quoteByte) {
      i++;
      let s = bytes[i];
      while (i < n && s !== quoteByte) {
        if (s === backslash) i++;
        s = bytes[++i];
      }
      i++;
    } else if ((c >= 48 && c <= 57) || c === minus) {
      const from = i;
      if (c === minus && bytes[i + 1] === 73) {
        i = wordEnd(bytes, i + 1);
        if (isWord(bytes, from, i)) found.push(from, i);
        continue;
      }
      do i++;
      while (i < n && inNumber(bytes[i]!));
      // 2^53 has 16 digits
      if (i - from >= 16 && isInexact(bytes, from, i)) found.push(from, i);
    } else if (c === 73 || c === 78) {
      const from = i;
      i = wordEnd(bytes, i);
      if (isWord(bytes, from, i)) found.push(from, i);
    } else i++;
  }
  return found;
}

function wordEnd(bytes: Uint8Array, from: number): number {
  let i = from;
  while (i < bytes.length && ((bytes[i]! >= 65 && bytes[i]! <= 90) || (bytes[i]! >= 97 && bytes[i]! <= 122))) i++;
  return i;
}

const decoder = new TextDecoder();

/** Whether the token names a member, which JSON allows for strings only: wrapping would make it valid. */
function isKey(bytes: Uint8Array, to: number): boolean {
  let i = to;
  while (bytes[i] === 32 || bytes[i] === 9 || bytes[i] === 10 || bytes[i] === 13) i++;
  return bytes[i] === 58;
}

const isWord = (bytes: Uint8Array, from: number, to: number): boolean =>
  /^(?:NaN|-?Infinity)$/.test(decoder.decode(bytes.subarray(from, to))) && !isKey(bytes, to);

function isInexact(bytes: Uint8Array, from: number, to: number): boolean {
  if (isKey(bytes, to)) return false;
  const token = decoder.decode(bytes.subarray(from, to));
  // what is not an integer, or no number at all, is left for JSON.parse to judge
  return /^-?(?:0|[1-9]\d*)$/.test(token) && !Number.isSafeInteger(Number(token));
}

/** Copies `bytes` with each found token turned into a string: `"\u0000#` before it, `"` after it. */
function wrap(bytes: Uint8Array, found: readonly number[]): Uint8Array {
  const before = new TextEncoder().encode(`"\\u0000${mark[1]}`);
  const out = new Uint8Array(bytes.length + (found.length / 2) * (before.length + 1));
  let at = 0;
  let done = 0;
  for (let k = 0; k < found.length; k += 2) {
    const from = found[k]!;
    const to = found[k + 1]!;
    out.set(bytes.subarray(done, from), at);
    at += from - done;
    out.set(before, at);
    at += before.length;
    out.set(bytes.subarray(from, to), at);
    at += to - from;
    out[at++] = quoteByte;
    done = to;
  }
  out.set(bytes.subarray(done), at);
  return out;
}
