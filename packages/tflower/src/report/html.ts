/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}
const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const show = (v: unknown): string =>
  Array.isArray(v)
    ? v.map(show).join("")
    : typeof v === "object" && v !== null && "html" in v
      ? (v as Html).html
      : String(v ?? "").replace(/[&<>"]/g, (c) => escapes[c]!);

/** A template whose values are escaped, unless they are {@link Html}. */
export const html = (parts: TemplateStringsArray, ...values: readonly unknown[]): Html => ({
  html: parts.reduce((text, part, i) => text + show(values[i - 1]) + part),
});
