import {
  countOf,
  type DType,
  invalid,
  isStatic,
  numbersOf,
  operand,
  type Scalar,
  sameDim,
  sameShape,
  showType,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { castData } from "../semantics/pointwise.ts";
import { promoteDTypes, resultDType } from "../semantics/promote.ts";
import { scalarTensor } from "../semantics/scalar.ts";
import { rightSide } from "../semantics/sides.ts";

const placeDType = (out_int32: boolean): DType => (out_int32 ? "i32" : "i64");

/** How many elements of a rising line come before `value`: those below it, or not above it. A NaN comes after all. */
function countBefore(line: ArrayLike<number | bigint>, value: number | bigint, right: boolean): number {
  let [low, high] = [0, line.length];
  while (low < high) {
    const mid = (low + high) >> 1;
    const before = right ? !(line[mid]! > value) : !(line[mid]! >= value);
    if (before) low = mid + 1;
    else high = mid;
  }
  return low;
}
/** Places of `values` in `lines`: one line for all, or one for each line of values. */
function searched(
  lines: TensorData,
  values: TensorData,
  right: boolean,
  out_int32: boolean,
  sorter?: TensorData,
): TensorData {
  const length = lines.type.shape.at(-1) as number;
  const shared = lines.type.shape.length === 1;
  const per = shared ? Math.max(countOf(values.type.shape), 1) : (values.type.shape.at(-1) as number);
  const common = promoteDTypes(lines.type.dtype, values.type.dtype);
  const [sorted, wanted] = [castData(lines, common).data, castData(values, common).data];
  const lineAt = (i: number): ArrayLike<number | bigint> => {
    const found = inOrder(i);
    for (let k = 1; k < length; k++)
      if (!(found[k]! >= found[k - 1]!)) throw new RangeError("searches a line whose elements do not rise");
    return found;
  };
  const inOrder = (i: number): ArrayLike<number | bigint> => {
    const line = sorted.subarray(i * length, (i + 1) * length) as ArrayLike<number | bigint>;
    return sorter ? Array.from({ length }, (_, k) => line[Number(sorter.data[i * length + k])]!) : line;
  };
  const found = Array.from(wanted as ArrayLike<number | bigint>, (v, i) =>
    countBefore(lineAt(Math.floor(i / per)), v, right),
  );
  return tensorData(placeDType(out_int32), values.type.shape, found);
}
interface Search<T> {
  readonly sorted_sequence: T;
  readonly sorter: T | undefined;
}
function needSorter(lines: TensorType, sorter: TensorType | undefined): void {
  if (lines.shape.length === 0) invalid("sorted_sequence must have at least one axis");
  if (sorter && (sorter.dtype !== "i64" || !sameShape(sorter.shape, lines.shape)))
    invalid(`sorter must hold an int64 place for each element of sorted_sequence, got ${showType(sorter)}`);
}
export const searchsortedTensor = defineAten(
  "searchsorted.Tensor(Tensor sorted_sequence, Tensor self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) -> Tensor",
  {
    summary: "Where values would go into sorted lines.",
    infer({ sorted_sequence, self, sorter }: Search<TensorType> & { readonly self: TensorType }, attrs) {
      rightSide(attrs);
      needSorter(sorted_sequence, sorter);
      const lead = sorted_sequence.shape.slice(0, -1);
      if (
        sorted_sequence.shape.length > 1 &&
        (lead.length !== self.shape.length - 1 ||
          lead.some((d, i) => isStatic(d) && isStatic(self.shape[i]!) && !sameDim(d, self.shape[i]!)))
      )
        invalid("sorted_sequence must be one line, or have the leading axes of self");
      return tensor(placeDType(attrs.out_int32), self.shape);
    },
    evaluate: ({ sorted_sequence, self, sorter }, attrs) =>
      searched(sorted_sequence, self, rightSide(attrs), attrs.out_int32, sorter),
  },
);
/** A number takes the dtype that it would have next to the sequence. */
const wrapped = (s: Scalar, beside: TensorData): TensorData => scalarTensor(s, resultDType(beside.type, { scalar: s }));
export const searchsortedScalar = defineAten(
  "searchsorted.Scalar(Tensor sorted_sequence, Scalar self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) -> Tensor",
  {
    summary: "Where a number would go into a sorted line.",
    operands: { sorted_sequence: operand.rank(1) },
    infer({ sorted_sequence, sorter }, attrs) {
      rightSide(attrs);
      needSorter(sorted_sequence, sorter);
      return tensor(placeDType(attrs.out_int32), []);
    },
    evaluate: ({ sorted_sequence, sorter }, attrs) =>
      searched(
        sorted_sequence,
        wrapped(attrs.self as Scalar, sorted_sequence),
        rightSide(attrs),
        attrs.out_int32,
        sorter,
      ),
  },
);
export const bucketizeTensor = defineAten(
  "bucketize.Tensor(Tensor self, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor",
  {
    summary: "Which of the intervals between boundaries values are in.",
    operands: { boundaries: operand.rank(1) },
    infer: ({ self }, { out_int32 }) => tensor(placeDType(out_int32), self.shape),
    evaluate: ({ self, boundaries }, { out_int32, right }) => searched(boundaries, self, right, out_int32),
  },
);
export const bucketizeScalar = defineAten(
  "bucketize.Scalar(Scalar self, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor",
  {
    summary: "Which of the intervals between boundaries a number is in.",
    operands: { boundaries: operand.rank(1) },
    infer: (_, { out_int32 }) => tensor(placeDType(out_int32), []),
    evaluate: ({ boundaries }, { self, out_int32, right }) =>
      searched(boundaries, wrapped(self as Scalar, boundaries), right, out_int32),
  },
);

function isAmong(elements: TensorData, tests: TensorData, invert: boolean): TensorData {
  const common = promoteDTypes(elements.type.dtype, tests.type.dtype);
  const known = new Set<number | bigint>(
    Array.from(castData(tests, common).data as ArrayLike<number | bigint>).filter((v) => !Number.isNaN(v)),
  );
  const values = Array.from(
    castData(elements, common).data as ArrayLike<number | bigint>,
    (v) => known.has(v) !== invert,
  );
  return tensorData("bool", elements.type.shape, values);
}
export const isinTensorTensor = defineAten(
  "isin.Tensor_Tensor(Tensor elements, Tensor test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor",
  {
    summary: "Whether elements are among others.",
    infer: ({ elements }) => tensor("bool", elements.shape),
    evaluate: ({ elements, test_elements }, { invert }) => isAmong(elements, test_elements, invert),
  },
);
export const isinTensorScalar = defineAten(
  "isin.Tensor_Scalar(Tensor elements, Scalar test_element, *, bool assume_unique=False, bool invert=False) -> Tensor",
  {
    summary: "Whether elements equal a number.",
    infer: ({ elements }) => tensor("bool", elements.shape),
    evaluate: ({ elements }, { test_element, invert }) =>
      isAmong(elements, wrapped(test_element as Scalar, elements), invert),
  },
);
export const isinScalarTensor = defineAten(
  "isin.Scalar_Tensor(Scalar element, Tensor test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor",
  {
    summary: "Whether a number is among elements.",
    infer: () => tensor("bool", []),
    evaluate: ({ test_elements }, { element, invert }) =>
      isAmong(wrapped(element as Scalar, test_elements), test_elements, invert),
  },
);

/** How long the result is depends on data, so its type comes from the program. */
export const bincount = defineAten("bincount(Tensor self, Tensor? weights=None, SymInt minlength=0) -> Tensor", {
  summary: "How often each of 0, 1, 2, ... occurs, or the sum of the weights there.",
  operands: { self: operand.both(operand.integer, operand.rank(1)) },
  evaluate({ self, weights }, { minlength }) {
    const at = Array.from(self.data, Number);
    const length = at.reduce((a, b) => Math.max(a, b + 1), minlength as number);
    const counts = new Array<number>(length).fill(0);
    at.forEach((p, i) => {
      counts[p]! += weights ? Number(weights.data[i]) : 1;
    });
    return tensorData(weights ? (weights.type.dtype === "f32" ? "f32" : "f64") : "i64", [length], counts);
  },
});

export const histc = defineAten("histc(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor", {
  summary: "How many elements lie in each of `bins` equal intervals; `min` equal to `max` means those of the data.",
  operands: { self: operand.float },
  infer: ({ self }, { bins }) => tensor(self.dtype, [bins]),
  evaluate({ self }, { bins, min, max }) {
    const values = Array.from(numbersOf(self));
    const round = self.type.dtype === "f64" ? (v: number) => v : Math.fround;
    let [low, high] = [Number(min), Number(max)];
    if (low === high && values.length)
      [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    if (low === high) [low, high] = [low - 1, high + 1];
    if (!Number.isFinite(high - low)) throw new RangeError(`the range from ${low} to ${high} is not finite`);
    const counts = new Array<number>(bins).fill(0);
    for (const v of values) {
      if (!(v >= low && v <= high)) continue;
      const place = Math.trunc(round(round(round(v - low) * bins) / round(high - low)));
      counts[Math.min(place, bins - 1)]!++;
    }
    return tensorData(self.type.dtype, [bins], counts);
  },
});
