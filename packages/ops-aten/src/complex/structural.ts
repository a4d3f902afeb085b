import { isComplex, mapOperands, type Node, type OpDef, type Value, withDType } from "@tflower/core";
import { copy } from "../dialect/cast.ts";
import * as cat from "../dialect/cat.ts";
import * as creation from "../dialect/creation.ts";
import * as cumulative from "../dialect/cumulative.ts";
import * as diagonal from "../dialect/diagonal.ts";
import * as difference from "../dialect/difference.ts";
import * as expand from "../dialect/expand.ts";
import * as flip from "../dialect/flip.ts";
import * as gather from "../dialect/gather.ts";
import * as identity from "../dialect/identity.ts";
import * as indexing from "../dialect/indexing.ts";
import * as masked from "../dialect/masked.ts";
import * as permute from "../dialect/permute.ts";
import * as reduceSum from "../dialect/reduce-sum.ts";
import * as repeatInterleave from "../dialect/repeat-interleave.ts";
import * as reshape from "../dialect/reshape.ts";
import * as scatterViews from "../dialect/scatter-views.ts";
import * as select from "../dialect/select.ts";
import * as sign from "../dialect/sign.ts";
import * as slice from "../dialect/slice.ts";
import * as split from "../dialect/split.ts";
import * as strided from "../dialect/strided.ts";
import * as triangular from "../dialect/triangular.ts";
import { partOf } from "../semantics/complex-data.ts";
import { pairOf } from "./numbers.ts";
import { type ComplexRule, isPair, type Pair, type Part } from "./rule.ts";

const isOp = (x: unknown): x is OpDef => typeof x === "object" && x !== null && "name" in x && "operands" in x;
const all = (...modules: readonly object[]): OpDef[] => modules.flatMap((m) => Object.values(m)).filter(isOp);

/** Adjoints conjugate; they are more than a movement. */
const notMovements = new Set<OpDef>([permute.mH, permute.adjoint, permute.matrixH]);
/** Ops that move elements, or add them up: they do to each part what they do to the whole. */
const partwise: readonly OpDef[] = [
  ...all(cat, diagonal, expand, flip, identity, repeatInterleave, reshape, scatterViews, slice, split, strided).filter(
    (o) => !notMovements.has(o),
  ),
  ...all(permute).filter((o) => !notMovements.has(o)),
  copy,
  gather.gather,
  gather.indexSelect,
  gather.take,
  gather.takeAlongDim,
  indexing.indexTensor,
  indexing.unsafeIndexTensor,
  indexing.indexPut,
  indexing.unsafeIndexPut,
  triangular.tril,
  triangular.triu,
  select.whereSelf,
  select.maskedFillTensor,
  masked.maskedSelect,
  creation.zeros,
  creation.zerosLike,
  creation.newZeros,
  creation.zero,
  creation.emptyMemoryFormat,
  creation.emptyLike,
  creation.newEmpty,
  reduceSum.sum,
  reduceSum.sumDimIntList,
  reduceSum.mean,
  reduceSum.meanDim,
  cumulative.cumsum,
  difference.diff,
  sign.neg,
] as unknown as readonly OpDef[];

/** Attributes with the dtype of the parts where they name a complex one. */
const ofParts = (attrs: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attrs).map(([k, v]) => [
      k,
      k === "dtype" && typeof v === "string" && isComplex(v as "c64") ? partOf(v as "c64") : v,
    ]),
  );

const splitPartwise: ComplexRule["split"] = (operands: Readonly<Record<string, Part>>, attrs, emit, node: Node) => {
  // a real operand beside complex ones is data of them when it holds floats; integers and bools say which elements are meant
  const isData = (p: Part): boolean => isPair(p) || p.type.dtype === "f32";
  const side = (pick: (p: Pair) => Value): readonly Value[] => {
    const own = mapOperands(operands as never, (p: Part) => (isData(p) ? pick(pairOf(emit, p)) : (p as Value)));
    return emit.all(
      node.op,
      own as never,
      ofParts(attrs),
      node.results.map((r) => withDType(r.type, partOf(r.type.dtype))),
    );
  };
  const [re, im] = [side((p) => p.re), side((p) => p.im)];
  return node.results.map((r, i): Part => (isComplex(r.type.dtype) ? { re: re[i]!, im: im[i]! } : re[i]!));
};
/** One rule for all of them. */
export const structuralRules: readonly ComplexRule[] = partwise.map((op) => ({
  op,
  split: splitPartwise,
  alsoReal: false,
}));
