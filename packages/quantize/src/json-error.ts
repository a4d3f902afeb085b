import type { core } from "zod";

/** Says everything that is wrong with a file a person has written. */
export class JsonFormError extends Error {
  override readonly name = "JsonFormError";
  /** One line for each problem: where, what was expected, and what came. */
  readonly problems: readonly string[];
  constructor(what: string, problems: readonly string[]) {
    super(`${what}:\n${problems.map((p) => `- ${p}`).join("\n")}`);
    this.problems = problems;
  }
}

/** A place in a JSON value, as `rules[2].scheme`. */
const showPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, p) => (typeof p === "number" ? `${text}[${p}]` : text ? `${text}.${String(p)}` : String(p)),
    "",
  );

/** The problems that a schema found, in one line each. */
export const problemsOf = (error: core.$ZodError): string[] =>
  error.issues.map((issue) => {
    const at = showPath(issue.path);
    return at ? `${at}: ${issue.message}` : issue.message;
  });

/** Parsed JSON; `what` begins the message when it is none. */
export function readJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (e) {
    throw new JsonFormError(what, [`this is no JSON: ${(e as Error).message}`]);
  }
}
