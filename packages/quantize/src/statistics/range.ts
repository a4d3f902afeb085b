/** What numbers lie between, both ends among them. */
export interface Range {
  readonly min: number;
  readonly max: number;
}
