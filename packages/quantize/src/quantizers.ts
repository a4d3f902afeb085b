import { CompileError, type Compiler, type OpDef } from "@tflower/core";

/** The target's ops that lead from reals to integers and back. */
export interface Quantizers {
  readonly quantize: OpDef;
  readonly dequantize: OpDef;
}

/** The quantizers among the ops that a compiler knows. Throws where its target has none. */
export function quantizersOf(compiler: Compiler): Quantizers {
  const find = (which: "quantize" | "dequantize"): OpDef => {
    for (const op of compiler.knownOps.values()) if (op.traits.quantizer === which) return op;
    throw new CompileError([
      {
        severity: "error",
        code: "QNT0001",
        message: `the target has no op that ${which}s, so nothing can be quantized for it`,
        help: "use a backend whose dialect has ops with the trait `quantizer`, such as backend-tflite",
      },
    ]);
  };
  return { quantize: find("quantize"), dequantize: find("dequantize") };
}
