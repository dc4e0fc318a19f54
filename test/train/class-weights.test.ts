import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { classWeightsOf } from "../../src/train/class-weights.ts";

const drawn = syntheticDataset({ seed: 1, train: 8, validation: 2, test: 0 });
const ofClass = (label: number) => drawn.splits.train.filter((sample) => sample.label === label);
const [cats, dogs] = [ofClass(0), ofClass(1)];
/** Three cats, one dog. */
const uneven: Dataset = { ...drawn, splits: { ...drawn.splits, train: [...cats.slice(0, 3), dogs[0]!] } };

test("balanced: each class counts alike, and a picture 1 in the mean", () => {
  const [cat, dog] = classWeightsOf(uneven, "balanced") as [number, number];
  expect([cat, dog]).toEqual([4 / 6, 2]);
  expect((3 * cat + dog) / 4).toBeCloseTo(1, 12);
});

test("by name, 1 where nothing is said; a name that is no class is refused", () => {
  expect(classWeightsOf(uneven, { dog: 5 })).toEqual([1, 5]);
  expect(() => classWeightsOf(uneven, { dig: 5 })).toThrow(
    /^There is no class "dig" to weigh in .*; its classes are cat and dog\.$/,
  );
});
