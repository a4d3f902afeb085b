/** Generation of a Hexagon processor, as `v75`: what a context binary is compiled for. */
export type HexagonVersion = `v${number}`;

/** One system on chip, as tables of them list it. */
export interface Soc {
  /** Qualcomm's model name, as `SM8650`; what `--target qnn:SM8650` names. */
  readonly name: string;
  /** The number by which QNN's configuration names it. */
  readonly id: number;
  /** Absent where nobody has published it. */
  readonly hexagon?: HexagonVersion;
  /** Whether the HTP computes with float16. Version 68 accepts float graphs and then fails to finalize them; later ones compute. */
  readonly float16: boolean;
  /** Tightly coupled memory of the HTP, in MiB: what a partition's tiles must fit. */
  readonly vtcm?: number;
}

/** Systems on chip by name. Generated from the user's QNN, or shipped with a release: `source` says which. */
export interface SocTable {
  readonly source: string;
  readonly socs: ReadonlyMap<string, Soc>;
}
