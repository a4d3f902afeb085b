import { defineLowering, type Emit, type Node, type Value } from "@tflower/core";
import * as aten from "../dialect/reshape.ts";
import { reshapeTo } from "../emit/rearrange.ts";

/** The same elements in the shape of the result. */
const toResult = ({ self }: { readonly self: Value }, _: unknown, emit: Emit, node: Node<any>): Value =>
  reshapeTo(emit, self, node.results[0]!.type.shape);
const allToResults = (
  { tensors }: { readonly tensors: readonly Value[] },
  _: unknown,
  emit: Emit,
  node: Node<any>,
): Value[] => tensors.map((t, i) => reshapeTo(emit, t, node.results[i]!.type.shape));

export const view = defineLowering(aten.view, toResult);
export const viewCopy = defineLowering(aten.viewCopy, toResult);
export const unsafeView = defineLowering(aten.unsafeView, toResult);
export const reshapeAlias = defineLowering(aten.reshapeAlias, toResult);
export const reshape = defineLowering(aten.reshape, toResult);
export const viewAs = defineLowering(aten.viewAs, toResult);
export const reshapeAs = defineLowering(aten.reshapeAs, toResult);
export const ravel = defineLowering(aten.ravel, toResult);
export const flattenUsingInts = defineLowering(aten.flattenUsingInts, toResult);
export const unflattenInt = defineLowering(aten.unflattenInt, toResult);
export const squeeze = defineLowering(aten.squeeze, toResult);
export const squeezeDim = defineLowering(aten.squeezeDim, toResult);
export const squeezeDims = defineLowering(aten.squeezeDims, toResult);
export const squeezeCopy = defineLowering(aten.squeezeCopy, toResult);
export const squeezeCopyDim = defineLowering(aten.squeezeCopyDim, toResult);
export const squeezeCopyDims = defineLowering(aten.squeezeCopyDims, toResult);
export const unsqueeze = defineLowering(aten.unsqueeze, toResult);
export const unsqueezeCopy = defineLowering(aten.unsqueezeCopy, toResult);
export const atleast1d = defineLowering(aten.atleast1d, toResult);
export const atleast2d = defineLowering(aten.atleast2d, toResult);
export const atleast3d = defineLowering(aten.atleast3d, toResult);
export const atleast1dSequence = defineLowering(aten.atleast1dSequence, allToResults);
export const atleast2dSequence = defineLowering(aten.atleast2dSequence, allToResults);
export const atleast3dSequence = defineLowering(aten.atleast3dSequence, allToResults);
