import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { niceAxis, wholeTicks } from "../../src/render/figures/axis.ts";
import { percent, probability, significant } from "../../src/render/figures/format.ts";

describe("niceAxis", () => {
  const written = (low: number, high: number): string[] => {
    const { ticks, write } = niceAxis(low, high);
    return ticks.map(write);
  };

  it("steps by 1, 2 or 5 and writes as many decimals as it takes", () => {
    expect(written(0, 0.93)).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(written(57, 96)).toEqual(["50", "60", "70", "80", "90", "100"]);
    expect(written(0, 0.021)).toEqual(["0.000", "0.005", "0.010", "0.015", "0.020", "0.025"]);
    expect(written(0, 2.3e30)).toEqual(["0", "5.0e29", "1.0e30", "1.5e30", "2.0e30", "2.5e30"]);
  });

  it("covers its range in a few steps, however small or far from 0", () => {
    const value = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const axis = niceAxis(low, high);
        const slack = 1e-5 * (axis.high - axis.low);
        expect(axis.low).toBeLessThanOrEqual(low + slack);
        expect(axis.high).toBeGreaterThanOrEqual(high - slack);
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
        expect(axis.ticks.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});

describe("wholeTicks", () => {
  it("labels every epoch of a few, and both ends of many", () => {
    expect(wholeTicks(1, 1, 10)).toEqual([1]);
    expect(wholeTicks(1, 5, 10)).toEqual([1, 2, 3, 4, 5]);
    expect(wholeTicks(1, 30, 10)).toEqual([1, 5, 10, 15, 20, 25, 30]);
    expect(wholeTicks(1, 100, 10)).toEqual([1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(wholeTicks(1, 47, 10)).toEqual([1, 5, 10, 15, 20, 25, 30, 35, 40, 47]);
  });
});

describe("numbers in words", () => {
  it("percent", () => {
    const shares = [0, 0.0004, 0.937, 0.99951, 1, Number.NaN];
    expect(shares.map(percent)).toEqual(["0.0%", "<0.1%", "93.7%", ">99.9%", "100.0%", "–"]);
  });

  it("probability", () => {
    expect([0.974, 0.9949, 0.996, 1].map(probability)).toEqual(["0.97", "0.99", ">0.99", "1.00"]);
  });

  it("significant", () => {
    const values = [0, 0.012345, -4.5678, 1234.5, 0.0000123, 2e30, Number.NaN];
    expect(values.map(significant)).toEqual(["0", "0.0123", "−4.57", "1235", "1.23e−5", "2.00e30", "–"]);
  });
});
