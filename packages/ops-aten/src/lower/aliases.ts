import { defineLowering, type Lowering, type OpDef } from "@tflower/core";
import * as aten from "../dialect/aliases.ts";

/** Becomes the op that it is another name of. */
const renamed = (op: OpDef): Lowering =>
  defineLowering(op, (operands, attrs, emit, node) =>
    emit.all(
      op.traits.aliasOf!,
      operands as never,
      attrs as never,
      node.results.map((r) => r.type),
    ),
  );

export const absolute = renamed(aten.absolute);
export const arccos = renamed(aten.arccos);
export const arccosh = renamed(aten.arccosh);
export const arcsin = renamed(aten.arcsin);
export const arcsinh = renamed(aten.arcsinh);
export const arctan = renamed(aten.arctan);
export const arctanh = renamed(aten.arctanh);
export const arctan2 = renamed(aten.arctan2);
export const negative = renamed(aten.negative);
export const fix = renamed(aten.fix);
export const subtractTensor = renamed(aten.subtractTensor);
export const subtractScalar = renamed(aten.subtractScalar);
export const multiplyTensor = renamed(aten.multiplyTensor);
export const multiplyScalar = renamed(aten.multiplyScalar);
export const divideTensor = renamed(aten.divideTensor);
export const divideScalar = renamed(aten.divideScalar);
export const divideTensorMode = renamed(aten.divideTensorMode);
export const divideScalarMode = renamed(aten.divideScalarMode);
export const trueDivideTensor = renamed(aten.trueDivideTensor);
export const trueDivideScalar = renamed(aten.trueDivideScalar);
export const notEqualTensor = renamed(aten.notEqualTensor);
export const notEqualScalar = renamed(aten.notEqualScalar);
export const greaterEqualTensor = renamed(aten.greaterEqualTensor);
export const greaterEqualScalar = renamed(aten.greaterEqualScalar);
export const greaterTensor = renamed(aten.greaterTensor);
export const greaterScalar = renamed(aten.greaterScalar);
export const lessEqualTensor = renamed(aten.lessEqualTensor);
export const lessEqualScalar = renamed(aten.lessEqualScalar);
export const lessTensor = renamed(aten.lessTensor);
export const lessScalar = renamed(aten.lessScalar);
export const clip = renamed(aten.clip);
export const clipTensor = renamed(aten.clipTensor);
export const dunderAndTensor = renamed(aten.dunderAndTensor);
export const dunderAndScalar = renamed(aten.dunderAndScalar);
export const dunderOrTensor = renamed(aten.dunderOrTensor);
export const dunderOrScalar = renamed(aten.dunderOrScalar);
export const dunderXorTensor = renamed(aten.dunderXorTensor);
export const dunderXorScalar = renamed(aten.dunderXorScalar);
export const dunderLshiftTensor = renamed(aten.dunderLshiftTensor);
export const dunderLshiftScalar = renamed(aten.dunderLshiftScalar);
export const dunderRshiftTensor = renamed(aten.dunderRshiftTensor);
export const dunderRshiftScalar = renamed(aten.dunderRshiftScalar);
export const specialExpit = renamed(aten.specialExpit);
export const specialExp2 = renamed(aten.specialExp2);
export const specialExpm1 = renamed(aten.specialExpm1);
export const specialLog1p = renamed(aten.specialLog1p);
export const specialSinc = renamed(aten.specialSinc);
export const specialLogit = renamed(aten.specialLogit);
export const specialXlogy = renamed(aten.specialXlogy);
export const specialXlogyOtherScalar = renamed(aten.specialXlogyOtherScalar);
export const specialXlogySelfScalar = renamed(aten.specialXlogySelfScalar);
export const specialErf = renamed(aten.specialErf);
export const specialErfc = renamed(aten.specialErfc);
export const specialErfinv = renamed(aten.specialErfinv);
export const specialGammaln = renamed(aten.specialGammaln);
export const specialPsi = renamed(aten.specialPsi);
export const specialDigamma = renamed(aten.specialDigamma);
export const specialI0 = renamed(aten.specialI0);
export const specialPolygamma = renamed(aten.specialPolygamma);
export const specialMultigammaln = renamed(aten.specialMultigammaln);
