/** Every code that turning a program into IR gives, with the cause in one line. */
export const importCodes = {
  IMP0100: "a node of the program cannot be understood",
  IMP0101: "the program states another type for a result than tflower infers",
  IMP0102: "reading the program took an assumption",
  IMP0103: "an input of the program is no tensor",
  IMP0104: "an input of the program is an object that a .tflite has nothing for",
  IMP0105: "an output of the program is no tensor",
  IMP0106: "a sub-graph takes something that is no tensor",
  IMP0107: "an assert on computed data is dropped",
  IMP0108: "something is read that nothing before it defines",
  IMP0109: "a name is defined twice",
  IMP0110: "a tensor subclass is used as a plain tensor",
  IMP0111: "a view counts in the storage of a tensor that does not fill it in order",
  IMP0112: "a mutated buffer shares memory with another tensor",
  IMP0113: "the program computes gradients",
  IMP0114: "the program holds only under conditions on its inputs",
} as const;

/** A diagnostic code of {@link importCodes}. */
export type ImportCode = keyof typeof importCodes;
