import type { Support } from "@tflower/core";

/** Who says so. A table may be out of date; a validator is right about the QNN that it belongs to, but says nothing of finalizing. */
export type VerdictSource =
  | { readonly kind: "static-table" }
  | { readonly kind: "qnn-validator"; readonly sdk: string };

/** Whether one node may go to the NPU, and as what. */
export type SupportVerdict =
  | {
      readonly supported: true;
      /** Ops of QNN that it becomes, as `Conv2d`. */
      readonly qnnOps: readonly string[];
      readonly source: VerdictSource;
    }
  | {
      readonly supported: false;
      /** What stands in the way, with what was expected and what came. */
      readonly reason: string;
      /** What to do about it, as "retype int16 to uint16 with zero point 32768". */
      readonly fix?: string;
      readonly source: VerdictSource;
    };

/** The verdict as core's `support` hook gives it. */
export const toSupport = (v: SupportVerdict): Support =>
  v.supported
    ? { supported: true }
    : {
        supported: false,
        reason: `${v.reason} (${sourceText(v.source)})`,
        ...(v.fix !== undefined && { help: v.fix }),
      };

const sourceText = (s: VerdictSource): string =>
  s.kind === "static-table" ? "from tflower's table" : `from the validator of QNN ${s.sdk}`;
