import { defineAten } from "../schema/aten-schema.ts";

// how long packed sequences are depends on data: types come from the program
export const packPaddedSequence = defineAten(
  "_pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first) -> (Tensor, Tensor)",
  {
    summary: "The steps of sequences of several lengths one after the other, padding left out.",
  },
);
export const padPackedSequence = defineAten(
  "_pad_packed_sequence(Tensor data, Tensor batch_sizes, bool batch_first, Scalar padding_value, int total_length) -> (Tensor, Tensor)",
  {
    summary: "Packed sequences as a padded batch, and their lengths.",
  },
);
