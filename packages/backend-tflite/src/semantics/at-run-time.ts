import {
  type AnyOperands,
  isStaticShape,
  mapOperands,
  numbersOf,
  type TensorData,
  type TensorType,
} from "@tflower/core";

type Evaluate = (inputs: never, attrs: never, types: readonly TensorType[]) => TensorData | readonly TensorData[];
type Infer = (types: never, attrs: never) => TensorType | readonly TensorType[];

/**
 * Gives reference semantics plain numbers where the graph has symbols: parameters that come as operands replace their attributes,
 * and results get the extents that follow from the operands at hand.
 */
export function atRunTime<E extends Evaluate>(
  evaluate: E,
  infer: Infer | undefined,
  parameters: Readonly<Record<string, string>>,
): E {
  return ((inputs: AnyOperands<TensorData>, attrs: Readonly<Record<string, unknown>>, types: readonly TensorType[]) => {
    const own: Record<string, unknown> = { ...attrs };
    for (const k in parameters) {
      const given = inputs[k] as TensorData | undefined;
      if (given) own[k] = parameters[k]!.endsWith("scalar") ? numbersOf(given)[0] : Array.from(numbersOf(given));
    }
    let results = types;
    if (infer && types.some((t) => !isStaticShape(t.shape))) {
      const inferred = infer(mapOperands(inputs, (x) => x.type) as never, own as never);
      const list = Array.isArray(inferred) ? (inferred as readonly TensorType[]) : [inferred as TensorType];
      results = types.map((t, i) => ({ ...t, shape: list[i]!.shape }));
    }
    return evaluate(inputs as never, own as never, results);
  }) as unknown as E;
}
