import { expect, test } from "vitest";
import { hasHtp, knownSocs, unknownSoc } from "../src/index.ts";

test("systems have the numbers by which QNN knows them", () => {
  expect(knownSocs.socs.get("SM8650")).toEqual({ name: "SM8650", id: 57, hexagon: "v75", float16: true, vtcm: 8 });
  expect(knownSocs.socs.get("SM8350")).toMatchObject({ id: 30, hexagon: "v68", float16: false });
  expect(knownSocs.socs.size).toBeGreaterThan(100);
});

test("only systems before the HTP are known not to have one", () => {
  expect(hasHtp(knownSocs.socs.get("SM8750")!)).toBe(true);
  expect(hasHtp(knownSocs.socs.get("SDM865")!)).toBe(false);
  expect(hasHtp(knownSocs.socs.get("IPQ5404")!)).toBe(true);
});

test("a name that is not known leads to the nearest one, if one is near", () => {
  expect(unknownSoc("sm8651")).toMatchObject({ code: "QNN0004", message: expect.stringContaining('is it "SM8650"?') });
  expect(unknownSoc("Snapdragon")).toMatchObject({ message: 'no system on chip is called "Snapdragon"' });
});
