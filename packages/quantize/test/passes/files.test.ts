import { tflitePlugin } from "@tflower/backend-tflite";
import {
  attr,
  Compiler,
  countOf,
  definePass,
  eliminateDeadCode,
  foldConstants,
  runGraph,
  staticShape,
  type TensorType,
  tensorData,
  type Value,
} from "@tflower/core";
import { fileTests } from "@tflower/testing/vitest";
import {
  type Calibration,
  checkRecipe,
  fuseQuantizers,
  integerInterface,
  keepIntegerWeights,
  mergeClamps,
  mergeValues,
  moveQuantizers,
  noStatistics,
  parseRecipe,
  placeQuantizers,
  programOf,
  quantizePlugin,
  quantizeWeights,
  roomyRange,
  statisticsOf,
  tidyQuantizers,
  valueNames,
} from "../../src/index.ts";

/** Numbers from -1 to 1. */
const waves = (seed: number, { dtype, shape }: TensorType) =>
  tensorData(
    dtype,
    staticShape(shape),
    Array.from({ length: countOf(staticShape(shape)) }, (_, i) => Math.sin(seed + i * 1.7)),
  );

/** Statistics of four samples, by the reference semantics. */
const calibration: Calibration = {
  async statistics(module, wanted) {
    const values: Record<string, ReturnType<typeof statisticsOf>> = {};
    for (const [graph, of] of wanted) {
      const names = valueNames(graph);
      const see = (v: Value, data: Parameters<typeof statisticsOf>[0]): void => {
        const name = names.get(v);
        if (!name || !of.has(v)) return;
        const seen = statisticsOf(data);
        values[name] = values[name] ? mergeValues(values[name], seen) : seen;
      };
      for (let seed = 1; seed <= 4; seed++) {
        const inputs = graph.inputs.map((v) => waves(seed, v.type));
        for (const [i, v] of graph.inputs.entries()) see(v, inputs[i]!);
        await runGraph(graph, inputs, { observe: (n, all) => n.results.forEach((r, i) => void see(r, all[i]!)) });
      }
    }
    return { ...noStatistics, program: programOf(module), samples: 4, values };
  },
};

const recipe = { recipe: attr.str.about("the recipe, as its name or JSON").default_("int8") };
const passes = [
  definePass({
    name: "quantize-weights",
    summary: "With a recipe that is written here.",
    options: recipe,
    scope: "module",
    run: (_, { options, run }) => run([quantizeWeights(parseRecipe(options.recipe))]),
  }),
  definePass({
    name: "place-quantizers",
    summary: "With a recipe that is written here, and drawn samples.",
    options: recipe,
    scope: "module",
    run: (_, { options, run }) =>
      run([placeQuantizers(parseRecipe(options.recipe), { calibration, estimate: roomyRange })]),
  }),
  definePass({
    name: "check-recipe",
    summary: "With a recipe that is written here.",
    options: recipe,
    scope: "module",
    run: (_, { options, run }) => run([checkRecipe(parseRecipe(options.recipe))]),
  }),
];

fileTests(new URL("./", import.meta.url), {
  compiler: new Compiler({ quantize: true }).use(tflitePlugin(), quantizePlugin({ scheme: "float" })),
  passes: [
    ...passes,
    fuseQuantizers,
    tidyQuantizers,
    integerInterface,
    mergeClamps,
    moveQuantizers,
    keepIntegerWeights,
    foldConstants,
    eliminateDeadCode,
  ],
});
