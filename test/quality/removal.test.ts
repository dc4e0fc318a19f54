import { expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32 } from "../../src/base/tensor.ts";
import { impute } from "../../src/quality/imputation.ts";
import { deletion } from "../../src/quality/metrics/deletion.ts";
import { infidelity } from "../../src/quality/metrics/infidelity.ts";
import { insertion } from "../../src/quality/metrics/insertion.ts";
import { road } from "../../src/quality/metrics/road.ts";
import { roadLerf } from "../../src/quality/metrics/road-lerf.ts";
import { roadMorf } from "../../src/quality/metrics/road-morf.ts";
import { summing, trying } from "./toys.ts";

const places = (curve: readonly (readonly [number | string, number])[]) => curve.map(([at]) => at);
const values = (curve: readonly (readonly [number | string, number])[]) => curve.map(([, value]) => value);

test("deletion and insertion have torch-cam's curves and areas", async () => {
  const picture = [0.4, 0.3, 0.2, 0.1];
  const trial = await trying(summing(2, 2), picture, picture);
  const deleted = await deletion.measure(trial, { steps: 2, baseline: 0 });
  expect(places(deleted.curves!.probability!)).toEqual([0, 0.5, 1]);
  expect(values(deleted.curves!.probability!)).toEqual([1, 0.3, 0].map((value) => expect.closeTo(value, 6)));
  expect(deleted.value).toBeCloseTo(0.4, 6);
  const inserted = await insertion.measure(trial, { steps: 2, baseline: 0 });
  expect(values(inserted.curves!.probability!)).toEqual([0, 0.7, 1].map((value) => expect.closeTo(value, 6)));
  expect(inserted.value).toBeCloseTo(0.6, 6);
});

test("steps that do not divide the pixels end in a smaller one, which weighs less", async () => {
  const picture = [0.3, 0.25, 0.2, 0.15, 0.1];
  const trial = await trying(summing(1, 5), picture, picture);
  const deleted = await deletion.measure(trial, { steps: 3, baseline: 0 });
  expect(places(deleted.curves!.probability!)).toEqual([0, 0.4, 0.8, 1]);
  expect(values(deleted.curves!.probability!)).toEqual(
    [1, 0.45, 0.1, 0].map((value) => expect.closeTo(value, 6)),
  );
  expect(deleted.value).toBeCloseTo(0.41, 6);
  expect((await insertion.measure(trial, { steps: 3, baseline: 0 })).value).toBeCloseTo(0.59, 6);
});

test("a map that says nothing does as well as chance, wherever the evidence lies", async () => {
  const left = Array.from({ length: 64 }, (_, at) => (at % 8 < 4 ? 1 / 32 : 0));
  for (const picture of [left, left.toReversed()]) {
    const areas: number[] = [];
    for (let seed = 0; seed < 8; seed++) {
      const trial = await trying(summing(8, 8), picture, new Array(64).fill(0), { seed });
      areas.push((await deletion.measure(trial, { steps: 8, baseline: 0 })).value);
    }
    expect(areas.reduce((sum, area) => sum + area) / 8).toBeCloseTo(0.5, 1);
  }
});

test("imputed pixels are the weighted mean of their neighbors: of a slope the slope, of one known pixel that one", () => {
  const extents = { channels: 2, height: 9, width: 12 };
  const slope = Float32Array.from({ length: 216 }, (_, at) => {
    const [row, column] = [Math.floor((at % 108) / 12), at % 12];
    return at < 108 ? row + 2 * column : 5 - column;
  });
  const inner = Uint8Array.from({ length: 108 }, (_, at) => {
    const [row, column] = [Math.floor(at / 12), at % 12];
    return row > 0 && row < 8 && column > 0 && column < 11 ? 1 : 0;
  });
  const filled = slope.map((value, at) => (inner[at % 108] ? 99 : value));
  impute(filled, extents, inner);
  for (const [at, value] of filled.entries()) expect(value).toBeCloseTo(slope[at]!, 2);

  const alone = slope.slice();
  impute(alone, extents, new Uint8Array(108).fill(1).fill(0, 40, 41));
  for (const [at, value] of alone.entries()) expect(value).toBeCloseTo(slope[at < 108 ? 40 : 148]!, 2);
});

test("imputation solves its equations where the removed pixels have any shape", () => {
  const [height, width] = [40, 30];
  const source = random(0, "picture");
  const picture = Float32Array.from({ length: height * width }, () => source.next());
  const removed = Uint8Array.from(picture, () => (source.next() < 0.8 ? 1 : 0));
  impute(picture, { channels: 1, height, width }, removed);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      if (!removed[row * width + column]) continue;
      let [sum, weights] = [0, 0];
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++)
        for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
          if (y === row && x === column) continue;
          const weight = y === row || x === column ? 1 / 6 : 1 / 12;
          sum += weight * picture[y * width + x]!;
          weights += weight;
        }
      expect(picture[row * width + column]!).toBeCloseTo(sum / weights, 3);
    }
});

test("ROAD: the evidence is lost at once when it goes first, and last when it goes last", async () => {
  // Evidence in the two middle columns, alike from row to row, on nothing: what is painted over becomes nothing.
  const picture = Array.from({ length: 100 }, (_, at) => (at % 10 === 4 || at % 10 === 5 ? 0.05 : 0));
  const trial = await trying(summing(10, 10), picture, picture);
  const morf = await roadMorf.measure(trial, {});
  const lerf = await roadLerf.measure(trial, {});
  expect(places(morf.curves!.morf!)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
  for (const [at, change] of morf.curves!.morf!) if (Number(at) >= 0.2) expect(change).toBeCloseTo(-1, 1);
  expect(morf.value).toBeLessThan(lerf.value);
  expect((await road.measure(trial, {})).value).toBeCloseTo((lerf.value - morf.value) / 2, 10);
  const against = await trying(
    summing(10, 10),
    picture,
    picture.map((value) => -value),
  );
  expect((await road.measure(against, {})).value).toBeLessThan(0);
});

test("a map that tells a linear score exactly, in any unit, has no infidelity; another has some", async () => {
  const source = random(0, "infidelity");
  const weights = Array.from({ length: 64 }, () => source.normal());
  const picture = Array.from({ length: 64 }, () => source.next());
  const model = summing(8, 8, weights);
  const shares = picture.map((value, at) => value * weights[at]!);
  for (const unit of [1, 1000]) {
    const trial = await trying(
      model,
      picture,
      shares.map((value) => unit * value),
    );
    expect((await infidelity.measure(trial, { samples: 20, baseline: "zero" })).value).toBeLessThan(1e-10);
  }
  const flat = await trying(model, picture, new Array(64).fill(1));
  expect((await infidelity.measure(flat, { samples: 20, baseline: "zero" })).value).toBeGreaterThan(0.1);
  // One square of one pixel: the score loses its share, of which a map of nothing tells nothing.
  const one = await trying(summing(1, 1, [3]), [2], [0]);
  expect((await infidelity.measure(one, { samples: 4, baseline: "zero" })).value).toBeCloseTo(36, 4);
  const moved = await trying(summing(1, 1, [3]), [2], [0]);
  const baseline = float32([1, 1, 1], [1]);
  expect((await infidelity.measure(moved, { samples: 4, baseline })).value).toBeCloseTo(9, 4);
});
