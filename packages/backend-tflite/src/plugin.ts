import {
  type Compiler,
  eliminateDeadCode,
  foldConstants,
  mergeCommonSubexpressions,
  type OpDef,
  type Plugin,
  type Support,
  type Value,
} from "@tflower/core";
import { gpuSupport } from "./delegates/gpu.ts";
import { xnnpackSupport } from "./delegates/xnnpack.ts";
import * as tfl from "./dialect/index.ts";
import { checkKernel } from "./file/kernels.ts";
import { channelsLastInterface } from "./passes/channels-last-interface.ts";
import { choosePoolForms } from "./passes/choose-pool-forms.ts";
import { chooseSliceForms } from "./passes/choose-slice-forms.ts";
import { ensureBiases } from "./passes/ensure-biases.ts";
import { expandMirrorPads } from "./passes/expand-mirror-pads.ts";
import { expandNearestResizes } from "./passes/expand-nearest-resizes.ts";
import { expandWindowGathers } from "./passes/expand-window-gathers.ts";
import { explainTransposes } from "./passes/explain-transposes.ts";
import { foldAffineForward } from "./passes/fold-affine-forward.ts";
import { foldRepeatedBatch } from "./passes/fold-repeated-batch.ts";
import { joinUpsampling } from "./passes/join-upsampling.ts";
import { keepHalfWeights } from "./passes/keep-half-weights.ts";
import { lookUpRows } from "./passes/look-up-rows.ts";
import { dimValue, materializeDims } from "./passes/materialize-dims.ts";
import { multiplyFewer } from "./passes/multiply-fewer.ts";
import { multiplyFromLeft } from "./passes/multiply-from-left.ts";
import { narrowInterface } from "./passes/narrow-interface.ts";
import { optimizeLayout } from "./passes/optimize-layout.ts";
import { ownPads } from "./passes/own-pads.ts";
import { padSmallHeads } from "./passes/pad-small-heads.ts";
import { placeTransposes } from "./passes/place-transposes.ts";
import { pruneRows } from "./passes/prune-rows.ts";
import { recognizeGelu } from "./passes/recognize-gelu.ts";
import { recognizeSafeSoftmax } from "./passes/recognize-safe-softmax.ts";
import { routeChannels } from "./passes/route-channels.ts";
import { separateOutputs } from "./passes/separate-outputs.ts";
import { settleIntegerWeights } from "./passes/settle-integer-weights.ts";
import { settleMutatedInputs } from "./passes/settle-mutated-inputs.ts";
import { settleState } from "./passes/settle-state.ts";
import { splitBlocks } from "./passes/split-blocks.ts";
import { splitDeepLayers } from "./passes/split-deep-layers.ts";
import { splitLargeDepthwise } from "./passes/split-large-depthwise.ts";
import { splitLinears } from "./passes/split-linear.ts";
import { splitTransposedConvolutions } from "./passes/split-transposed-convolutions.ts";

import { describeUse } from "./write/describe-use.ts";

/** Ops of the tfl dialect, as a list. */
export const tflOps: readonly OpDef[] = Object.values(tfl).filter(
  (x): x is OpDef & typeof x => typeof x === "object" && x !== null && "name" in x && "operands" in x,
);

/** The TFLite backend: its dialect, its passes, and what is legal in a file. */
export const tflitePlugin = (): Plugin => ({
  name: "backend-tflite",
  apply(compiler: Compiler) {
    compiler.ops(tflOps);
    compiler.hooks.legal.tap("backend-tflite", (node) => (node.op.traits.tfl ? true : undefined) as boolean);
    compiler.hooks.kernel.tap("backend-tflite", (use) => {
      const description = describeUse(use);
      if (!description) return undefined as unknown as Support;
      const reason = checkKernel(description);
      return reason === undefined ? { supported: true } : { supported: false, reason };
    });
    compiler.hooks.dim.tap("backend-tflite", (d, emit, node) => dimValue(d, emit, node) as Value);
    compiler.hooks.support.for("xnnpack").tap("backend-tflite", xnnpackSupport);
    compiler.hooks.support.for("gpu").tap("backend-tflite", gpuSupport);
    compiler.hooks.pipeline.tap("backend-tflite", (p) => ({
      ...p,
      optimize: [
        ...p.optimize,
        settleMutatedInputs(),
        narrowInterface(),
        channelsLastInterface(),
        settleState(),
        foldConstants(),
        eliminateDeadCode(),
        mergeCommonSubexpressions(),
        recognizeGelu(),
        recognizeSafeSoftmax(),
        splitLinears(),
        pruneRows(),
        // heads that are rows of one matrix let no slice pass
        foldRepeatedBatch(),
        expandWindowGathers(),
        optimizeLayout(),
        foldAffineForward(),
        // from here on nothing moves transposes any more, and forms are chosen by what lies where
        placeTransposes(),
        multiplyFromLeft(),
        routeChannels(),
        splitTransposedConvolutions(),
        joinUpsampling(),
        expandNearestResizes(),
        expandMirrorPads(),
        choosePoolForms(),
        chooseSliceForms(),
        splitLargeDepthwise(),
        multiplyFewer(),
        padSmallHeads(),
        splitDeepLayers(),
        lookUpRows(),
        foldConstants(),
        mergeCommonSubexpressions(),
        eliminateDeadCode(),
        settleIntegerWeights(),
      ],
      finish: [
        ...p.finish,
        keepHalfWeights(),
        splitBlocks(),
        ensureBiases(),
        separateOutputs(),
        materializeDims(),
        eliminateDeadCode(),
        ownPads(),
        explainTransposes(),
      ],
    }));
  },
});
