import { Compiler } from "@tflower/core";
import { fileTests } from "@tflower/testing/vitest";
import { tflitePlugin } from "../../../src/index.ts";
import { choosePoolForms } from "../../../src/passes/choose-pool-forms.ts";
import { chooseSliceForms } from "../../../src/passes/choose-slice-forms.ts";
import { ensureBiases } from "../../../src/passes/ensure-biases.ts";
import { separateOutputs } from "../../../src/passes/separate-outputs.ts";
import { settleState } from "../../../src/passes/settle-state.ts";

fileTests(new URL("./", import.meta.url), {
  compiler: new Compiler().use(tflitePlugin()),
  passes: [choosePoolForms, chooseSliceForms, ensureBiases, separateOutputs, settleState],
});
