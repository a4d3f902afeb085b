import {
  applyRules,
  Compiler,
  definePass,
  eliminateDeadCode,
  foldConstants,
  type PassFactory,
  type Rule,
} from "@tflower/core";
import { fileTests } from "@tflower/testing/vitest";
import { tflitePlugin } from "../../src/index.ts";
import { cleanUp } from "../../src/passes/clean-up.ts";
import { expandMirrorPads } from "../../src/passes/expand-mirror-pads.ts";
import { expandNearestResizes } from "../../src/passes/expand-nearest-resizes.ts";
import { expandWindowGathers } from "../../src/passes/expand-window-gathers.ts";
import { foldAffineForward } from "../../src/passes/fold-affine-forward.ts";
import { foldRepeatedBatch } from "../../src/passes/fold-repeated-batch.ts";
import { fuseRules } from "../../src/passes/fuse-rules.ts";
import { joinUpsampling } from "../../src/passes/join-upsampling.ts";
import { layoutRules } from "../../src/passes/layout-rules.ts";
import { matmulRules } from "../../src/passes/matmul-rules.ts";
import { multiplyFewer } from "../../src/passes/multiply-fewer.ts";
import { multiplyFromLeft } from "../../src/passes/multiply-from-left.ts";
import { optimizeLayout } from "../../src/passes/optimize-layout.ts";
import { ownPads } from "../../src/passes/own-pads.ts";
import { padRules } from "../../src/passes/pad-rules.ts";
import { padSmallHeads } from "../../src/passes/pad-small-heads.ts";
import { pruneRows } from "../../src/passes/prune-rows.ts";
import { recognizeGelu } from "../../src/passes/recognize-gelu.ts";
import { recognizeSafeSoftmax } from "../../src/passes/recognize-safe-softmax.ts";
import { routeChannels } from "../../src/passes/route-channels.ts";
import { signRules } from "../../src/passes/sign-rules.ts";
import { splitBlocks } from "../../src/passes/split-blocks.ts";
import { splitLinears } from "../../src/passes/split-linear.ts";
import { splitTransposedConvolutions } from "../../src/passes/split-transposed-convolutions.ts";

/** A pass of one set of rules by itself. */
const only = (name: string, rules: readonly Rule<any>[]): PassFactory =>
  definePass({ name, summary: `Applies ${name}.`, scope: "graph", run: (graph) => void applyRules(graph, rules) });

fileTests(new URL("./", import.meta.url), {
  compiler: new Compiler().use(tflitePlugin()),
  passes: [
    splitBlocks,
    cleanUp,
    eliminateDeadCode,
    foldConstants,
    optimizeLayout,
    splitTransposedConvolutions,
    ownPads,
    expandWindowGathers,
    multiplyFromLeft,
    expandNearestResizes,
    expandMirrorPads,
    routeChannels,
    multiplyFewer,
    joinUpsampling,
    foldAffineForward,
    foldRepeatedBatch,
    padSmallHeads,
    pruneRows,
    recognizeGelu,
    recognizeSafeSoftmax,
    splitLinears,
    only("fuse-rules", fuseRules),
    only("layout-rules", layoutRules),
    only("matmul-rules", matmulRules),
    only("pad-rules", padRules),
    only("sign-rules", signRules),
  ],
});
