import { tflitePlugin } from "@tflower/backend-tflite";
import { Compiler } from "@tflower/core";
import { fileTests } from "@tflower/testing/vitest";
import { atenPlugin, dropAsserts, functionalize, splitComplex } from "../../src/index.ts";
import { settleLoops } from "../../src/passes/settle-loops.ts";
import { settleQuantizers } from "../../src/passes/settle-quantizers.ts";
import { shareState } from "../../src/passes/share-state.ts";
import { widenFloats } from "../../src/passes/widen-floats.ts";

fileTests(new URL("./", import.meta.url), {
  compiler: new Compiler().use(tflitePlugin(), atenPlugin()),
  passes: [dropAsserts, functionalize, settleLoops, settleQuantizers, shareState, splitComplex, widenFloats],
});
