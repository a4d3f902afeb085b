/** One frame of the user's Python. */
export interface Frame {
  readonly file: string;
  readonly line: number;
  readonly function?: string;
  /** The source line, trimmed. */
  readonly source?: string;
}

/**
 * Where a node comes from in the user's program. Frames are given by a function, because a model has
 * thousands of stack traces and a diagnostic needs one.
 */
export interface Location {
  /** Path of the module that ran the op, as `features.0.0`. */
  readonly module?: string;
  /** Python class of that module. */
  readonly moduleClass?: string;
  /** Name of the op's node in the exported program. */
  readonly id?: string;
  /** Python frames, innermost last. */
  readonly frames?: () => readonly Frame[];
}

/** Files of PyTorch itself: `self.conv(x)` ends in them, and nobody looks for a mistake there. */
const ofTorch = /(^|[\\/](site|dist)-packages[\\/])torch[\\/]/;

/** The frame a person should look at: the innermost one outside of PyTorch; frames go from the outside in. */
export function userFrame(loc: Location): Frame | undefined {
  const frames = loc.frames?.();
  return frames?.findLast((f) => !ofTorch.test(f.file)) ?? frames?.at(-1);
}
