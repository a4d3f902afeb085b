import type { Diagnostic } from "@tflower/core";
import type { QnnCode } from "./codes.ts";
import type { Soc, SocTable } from "./soc.ts";

/**
 * Systems on chip: the name that LiteRT and Qualcomm use, QNN's number, the version of the Hexagon processor and the MiB of its fast
 * memory, where they are published (LiteRT's `soc_table.h` and `supported_soc.csv`, ExecuTorch's `qc_schema.py`).
 */
const rows = `
  AIC100 63 - -
  IPQ5404 80 - -
  IPQ5424 81 - -
  IPQ6018 23 - -
  IPQ6028 24 - -
  IPQ9574 79 - -
  QCM2290 83 - -
  QCM4290 28 - -
  QCM4325 56 - -
  QCM4490 59 - -
  QCM6125 19 66 -
  QCM6490 93 68 2
  QCM6690 78 73 -
  QCS2290 83 - -
  QCS403 20 - -
  QCS405 18 - -
  QCS410 33 - -
  QCS610 16 66 -
  QCS6125 48 - -
  QCS7230 51 - -
  QCS8275 82 75 -
  QCS8300 82 75 -
  QCS8550 66 73 -
  QCS8625 90 75 -
  QCS9075 77 73 -
  QCS9100 77 73 8
  QRB4210 49 - -
  QRB5165 21 66 -
  SA525M 84 - -
  SA7255 67 - -
  SA8195 26 - -
  SA8255 52 73 8
  SA8295 39 68 8
  SA8540 62 68 8
  SA8610 67 - -
  SA8620 67 - -
  SA8620P 67 - -
  SA8630 52 73 8
  SA8650 52 73 8
  SA8775 52 73 8
  SA8797 72 81 16
  SAR1130P 58 73 2
  SAR2130P 46 73 -
  SAR2230P 95 81 4
  SC7280X 44 - -
  SC8280X 37 - -
  SC8380XP 60 73 -
  SC8480XP 88 - -
  SDM625 11 - -
  SDM630 10 - -
  SDM632 15 - -
  SDM636 9 - -
  SDM652 8 - -
  SDM660 7 - -
  SDM670 6 - -
  SDM710 13 - -
  SDM820 4 - -
  SDM821 3 - -
  SDM835 2 - -
  SDM845 1 65 -
  SDM855 12 - -
  SDM865 21 66 -
  SM4250 28 - -
  SM4350 31 66 -
  SM4375 55 - -
  SM4450 59 - -
  SM4635 71 - -
  SM6115 28 - -
  SM6125 19 66 -
  SM6150 16 66 -
  SM6225 40 66 -
  SM6250 27 - -
  SM6350 29 66 -
  SM6375 31 66 -
  SM6450 50 73 -
  SM6450Q 65 - -
  SM6475 76 - -
  SM6650 74 - -
  SM7150 17 65 -
  SM7225 29 66 -
  SM7250 25 66 -
  SM7315 38 68 -
  SM7325 35 68 -
  SM7350 32 68 -
  SM7435 61 73 -
  SM7450 41 69 -
  SM7475 54 69 -
  SM7550 64 73 -
  SM7635 73 - -
  SM7675 70 73 -
  SM7750 86 - -
  SM8325 34 - -
  SM8350 30 68 4
  SM8350P 30 68 4
  SM8450 36 69 8
  SM8475 42 69 8
  SM8550 43 73 8
  SM8635 68 73 -
  SM8650 57 75 8
  SM8735 85 - -
  SM8750 69 79 8
  SM8845 97 81 8
  SM8845P 97 81 8
  SM8850 87 81 8
  SSG2115P 46 73 2
  SSG2125P 58 73 2
  STP6225P 47 - -
  SW6100 96 81 4
  SXR1230P 45 73 2
  SXR2230P 53 69 8
  SXR2330P 75 79 8
`;

/** The first generation that computes with float16. */
const firstFloat16 = 69;

const numberOf = (text: string): number | undefined => (text === "-" ? undefined : Number(text));

function socOf(row: string): Soc {
  const [name, id, version, memory] = row.trim().split(" ") as [string, string, string, string];
  const hexagon = numberOf(version);
  const vtcm = numberOf(memory);
  return {
    name,
    id: Number(id),
    ...(hexagon !== undefined && { hexagon: `v${hexagon}` as const }),
    float16: hexagon === undefined || hexagon >= firstFloat16,
    ...(vtcm !== undefined && { vtcm }),
  };
}

/** The systems that this release knows. */
export const knownSocs: SocTable = {
  source: "LiteRT f67457790 and ExecuTorch 1.5",
  socs: new Map(
    rows
      .trim()
      .split("\n")
      .map(socOf)
      .map((s) => [s.name, s]),
  ),
};

/** The oldest generation that the HTP's libraries compile for. */
const firstHtp = 68;
/** Whether a system has an HTP, as far as is known. */
export const hasHtp = (soc: Soc): boolean => soc.hexagon === undefined || Number(soc.hexagon.slice(1)) >= firstHtp;

/** What to say of a name that is not known. */
export function unknownSoc(name: string): Diagnostic {
  const near = nearestSoc(name);
  return {
    severity: "error",
    code: "QNN0004" satisfies QnnCode,
    message: `no system on chip is called "${name}"${near === undefined ? "" : `; is it "${near}"?`}`,
    help: "name it as Qualcomm does, as SM8650 for Snapdragon 8 Gen 3; docs/design/qnn.md lists them",
  };
}

/** The known name that is most like one that is not known. */
function nearestSoc(name: string): string | undefined {
  const wanted = name.toUpperCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const known of knownSocs.socs.keys()) {
    const d = distance(wanted, known);
    if (!best || d < best.distance) best = { name: known, distance: d };
  }
  return best && best.distance <= 3 ? best.name : undefined;
}

/** Letters to change, add or take away between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
