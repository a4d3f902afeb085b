import type { TensorData } from "../eval/tensor-data.ts";
import type { AppliedConstant } from "./constant.ts";

/**
 * What was computed last, up to a number of bytes. Constants that are made of one weight, as the filters of a convolution that becomes
 * several, are written one after another: their common parts need not be computed for each of them.
 */
export class RecentParts {
  private readonly parts = new Map<AppliedConstant, TensorData>();
  private readonly most: number;
  private bytes = 0;

  constructor(most: number) {
    this.most = most;
  }
  get(c: AppliedConstant): TensorData | undefined {
    const known = this.parts.get(c);
    if (known) {
      // the one read last is the last to go
      this.parts.delete(c);
      this.parts.set(c, known);
    }
    return known;
  }
  set(c: AppliedConstant, data: TensorData): void {
    const { byteLength } = data.data;
    if (byteLength > this.most / 2 || this.parts.has(c)) return;
    this.parts.set(c, data);
    this.bytes += byteLength;
    for (const [old, { data: d }] of this.parts) {
      if (this.bytes <= this.most) break;
      this.parts.delete(old);
      this.bytes -= d.byteLength;
    }
  }
}
