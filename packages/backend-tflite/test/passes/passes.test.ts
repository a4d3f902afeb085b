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
import { foldAffineForward } from "../../src/passes/fold-affine-forward.ts";
import { foldRepeatedBatch } from "../../src/passes/fold-repeated-batch.ts";
import { fuseRules } from "../../src/passes/fuse-rules.ts";
import { layoutRules } from "../../src/passes/layout-rules.ts";
import { optimizeLayout } from "../../src/passes/optimize-layout.ts";
import { pruneRows } from "../../src/passes/prune-rows.ts";
import { splitLinears } from "../../src/passes/split-linear.ts";

/** A pass of one set of rules by itself. */
const only = (name: string, rules: readonly Rule<any>[]): PassFactory =>
  definePass({ name, summary: `Applies ${name}.`, scope: "graph", run: (graph) => void applyRules(graph, rules) });

fileTests(new URL("./", import.meta.url), {
  compiler: new Compiler().use(tflitePlugin()),
  passes: [
    cleanUp,
    eliminateDeadCode,
    foldConstants,
    optimizeLayout,
    foldAffineForward,
    foldRepeatedBatch,
    pruneRows,
    splitLinears,
    only("fuse-rules", fuseRules),
    only("layout-rules", layoutRules),
  ],
});
