import { defineLowering } from "@tflower/core";
import * as aten from "../dialect/windows.ts";
import { constantResult } from "../emit/constant-result.ts";

export const hannWindow = defineLowering(aten.hannWindow, (_, __, emit, node) => constantResult(emit, node));
export const hannWindowPeriodic = defineLowering(aten.hannWindowPeriodic, (_, __, emit, node) =>
  constantResult(emit, node),
);
export const hammingWindow = defineLowering(aten.hammingWindow, (_, __, emit, node) => constantResult(emit, node));
export const hammingWindowPeriodic = defineLowering(aten.hammingWindowPeriodic, (_, __, emit, node) =>
  constantResult(emit, node),
);
export const hammingWindowPeriodicAlpha = defineLowering(aten.hammingWindowPeriodicAlpha, (_, __, emit, node) =>
  constantResult(emit, node),
);
export const hammingWindowPeriodicAlphaBeta = defineLowering(aten.hammingWindowPeriodicAlphaBeta, (_, __, emit, node) =>
  constantResult(emit, node),
);
export const blackmanWindow = defineLowering(aten.blackmanWindow, (_, __, emit, node) => constantResult(emit, node));
export const blackmanWindowPeriodic = defineLowering(aten.blackmanWindowPeriodic, (_, __, emit, node) =>
  constantResult(emit, node),
);
export const bartlettWindow = defineLowering(aten.bartlettWindow, (_, __, emit, node) => constantResult(emit, node));
export const bartlettWindowPeriodic = defineLowering(aten.bartlettWindowPeriodic, (_, __, emit, node) =>
  constantResult(emit, node),
);
export const kaiserWindow = defineLowering(aten.kaiserWindow, (_, __, emit, node) => constantResult(emit, node));
export const kaiserWindowPeriodic = defineLowering(aten.kaiserWindowPeriodic, (_, __, emit, node) =>
  constantResult(emit, node),
);
export const kaiserWindowBeta = defineLowering(aten.kaiserWindowBeta, (_, __, emit, node) =>
  constantResult(emit, node),
);
