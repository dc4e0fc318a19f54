import { describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { remarksOn } from "../../src/explain/remarks.ts";

const map = (...values: number[]) => float32([1, values.length], values);

describe("remarks on a map", () => {
  test("say what a reader must know, of most maps nothing", () => {
    expect(remarksOn(map(0, 1), false)).toEqual([]);
    expect(remarksOn(map(0, -1), true)).toEqual([]);
    expect(remarksOn(map(0, 0), false)).toEqual(["the map is zero everywhere"]);
    expect(remarksOn(map(0.25, 0.25), true)).toEqual(["the map is the same everywhere: 0.25"]);
    expect(remarksOn(map(-1, -2), false)).toEqual(["nothing speaks for it: all values are negative"]);
    expect(remarksOn(map(0, -2), false)).toEqual(["nothing speaks for it: no value is above zero"]);
    expect(remarksOn(map(0.01, -2), false)).toEqual([
      "next to nothing speaks for it: 0.01 at the most, against 2",
    ]);
  });
});
