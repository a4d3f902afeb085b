import type { RuntimeCode } from "./codes.ts";

/** What {@link LiteRtError} carries besides its message. */
export interface LiteRtErrorDetails {
  /** What to do. */
  readonly help?: string;
  /** What LiteRT itself printed about it. */
  readonly log?: readonly string[];
  readonly cause?: unknown;
}

/** Anything that goes wrong between a `.tflite` and its results. The message holds all there is to know. */
export class LiteRtError extends Error {
  override readonly name = "LiteRtError";
  /** One code per cause. */
  readonly code: RuntimeCode;
  /** What LiteRT itself printed about it, line by line; empty when it never got that far. */
  readonly log: readonly string[];

  constructor(code: RuntimeCode, message: string, { help, log = [], cause }: LiteRtErrorDetails = {}) {
    const said = log.map((line) => `\n  = LiteRT: ${line}`).join("");
    super(
      `error[${code}]: ${message}${said}${help ? `\n  = help: ${help}` : ""}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.log = log;
  }
}
