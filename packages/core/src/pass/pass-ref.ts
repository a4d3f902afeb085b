import type { PassFactory } from "./define-pass.ts";

/** A pass of a pipeline: by its factory or its name. */
export type PassRef = PassFactory | string;

/** The name that `ref` stands for. */
export const passName = (ref: PassRef): string => (typeof ref === "string" ? ref : ref.info.name);
