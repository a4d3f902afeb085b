import { activationMappings } from "./activation.ts";
import { conversionMappings } from "./conversion.ts";
import { mapConv2d, mapConv3d, mapDepthwiseConv2d, mapTransposeConv } from "./convolution.ts";
import type { QnnMapping } from "./define-mapping.ts";
import { elementwiseMappings } from "./elementwise.ts";
import { gatherMappings } from "./gather.ts";
import { joinMappings } from "./join.ts";
import { layoutMappings } from "./layout.ts";
import { normalizationMappings } from "./normalization.ts";
import { padMappings } from "./pad.ts";
import { poolMappings } from "./pool.ts";
import { mapBatchMatmul, mapFullyConnected } from "./product.ts";
import { reductionMappings } from "./reduction.ts";
import { resizeMappings } from "./resize.ts";
import { selectMappings } from "./select.ts";
import { sliceMappings } from "./slice.ts";
import { updateMappings } from "./update.ts";

const all: readonly QnnMapping<any>[] = [
  mapConv2d,
  mapDepthwiseConv2d,
  mapTransposeConv,
  mapConv3d,
  mapFullyConnected,
  mapBatchMatmul,
  ...elementwiseMappings,
  ...activationMappings,
  ...normalizationMappings,
  ...reductionMappings,
  ...poolMappings,
  ...layoutMappings,
  ...joinMappings,
  ...sliceMappings,
  ...gatherMappings,
  ...updateMappings,
  ...padMappings,
  ...resizeMappings,
  ...selectMappings,
  ...conversionMappings,
];

/** How each tfl op is put in QNN's ops, by its name; what is not here has no form there. */
export const qnnMappings: ReadonlyMap<string, QnnMapping<any>> = new Map(all.map((m) => [m.op.name, m]));
