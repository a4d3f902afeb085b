import { defineLowering, type Value } from "@tflower/core";
import * as aten from "../dialect/identity.ts";

type Self = { readonly self: Value };
const same = ({ self }: Self): Value => self;

export const alias = defineLowering(aten.alias, same);
export const aliasCopy = defineLowering(aten.aliasCopy, same);
export const detach = defineLowering(aten.detach, same);
export const detachCopy = defineLowering(aten.detachCopy, same);
export const contiguous = defineLowering(aten.contiguous, same);
export const detachInPlace = defineLowering(aten.detachInPlace, same);
export const maybeCopy = defineLowering(aten.maybeCopy, same);
export const positive = defineLowering(aten.positive, same);
export const clone = defineLowering(aten.clone, same);
export const data = defineLowering(aten.data, same);
export const lift = defineLowering(aten.lift, same);
export const liftFresh = defineLowering(aten.liftFresh, same);
export const liftFreshCopy = defineLowering(aten.liftFreshCopy, same);
export const toDense = defineLowering(aten.toDense, same);
export const resolveConj = defineLowering(aten.resolveConj, same);
export const resolveNeg = defineLowering(aten.resolveNeg, same);
