import { tflitePlugin } from "@tflower/backend-tflite";
import { Compiler, type Settings } from "@tflower/core";
import { qnnPlugin } from "@tflower/delegate-qnn";
import { atenPlugin } from "@tflower/ops-aten";
import { integerPlugin } from "@tflower/quantize";

/** A compiler from PyTorch programs to TFLite: core's empty one with the dialects and passes that come with tflower. */
export const createCompiler = (settings: Partial<Settings> = {}): Compiler =>
  new Compiler(settings).use(atenPlugin(), tflitePlugin(), integerPlugin(), qnnPlugin());
