import type { OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import type { Draft, Sample, Slot } from "../application/sample.ts";
import { slot } from "../application/sample.ts";

const finite = { values: "finite" } as const;
const weight = (shape: readonly number[]): Slot => slot("f32", shape, { ...finite, constant: true });

/** `gates` weights for each hidden element, and `states` tensors of state. */
const cell = (op: OpDef, gates: number): Sample => ({
  op,
  draw(choose): Draft {
    const [batch, ins, hidden] = [choose.between(1, 3), choose.between(1, 4), choose.between(1, 4)];
    const state = (): Slot => slot("f32", [batch, hidden], { ...finite, constant: false });
    const bias = choose.maybe(0.6);
    const biases = bias ? { b_ih: weight([gates * hidden]), b_hh: weight([gates * hidden]) } : {};
    return {
      operands: {
        input: slot("f32", [batch, ins], { ...finite, constant: false }),
        hx: op === aten.lstmCell ? [state(), state()] : state(),
        w_ih: weight([gates * hidden, ins]),
        w_hh: weight([gates * hidden, hidden]),
        ...biases,
      },
    };
  },
});
const sequence = (op: OpDef, gates: number): Sample => ({
  op,
  draw(choose): Draft {
    const [time, batch, ins, hidden] = [
      choose.between(1, 3),
      choose.between(1, 2),
      choose.between(1, 3),
      choose.between(1, 3),
    ];
    const [num_layers, bidirectional, has_biases, batch_first] = [
      choose.between(1, 2),
      choose.maybe(0.3),
      choose.maybe(0.5),
      choose.maybe(0.4),
    ];
    const directions = bidirectional ? 2 : 1;
    const state = (): Slot => slot("f32", [num_layers * directions, batch, hidden], { ...finite, constant: false });
    const params: Slot[] = drawParameters({ num_layers, directions, has_biases, ins, hidden, gates });
    return {
      operands: {
        input: slot("f32", batch_first ? [batch, time, ins] : [time, batch, ins], { ...finite, constant: false }),
        hx: op === aten.lstmInput ? [state(), state()] : state(),
        params,
      },
      attrs: { has_biases, num_layers, dropout: 0, train: false, bidirectional, batch_first },
    };
  },
});

interface Layers {
  readonly num_layers: number;
  readonly directions: number;
  readonly has_biases: boolean;
  readonly ins: number;
  readonly hidden: number;
  readonly gates: number;
}
function drawParameters({ num_layers, directions, has_biases, ins, hidden, gates }: Layers): Slot[] {
  return Array.from({ length: num_layers * directions }, (_, i) => {
    const width = i < directions ? ins : hidden * directions;
    const biases = has_biases ? [weight([gates * hidden]), weight([gates * hidden])] : [];
    return [weight([gates * hidden, width]), weight([gates * hidden, hidden]), ...biases];
  }).flat();
}

/** Recurrent layers and their cells. */
export const recurrentSamples: readonly Sample[] = [
  cell(aten.lstmCell, 4),
  cell(aten.gruCell, 3),
  cell(aten.rnnTanhCell, 1),
  cell(aten.rnnReluCell, 1),
  sequence(aten.lstmInput, 4),
  sequence(aten.gruInput, 3),
  sequence(aten.rnnTanhInput, 1),
  sequence(aten.rnnReluInput, 1),
];
