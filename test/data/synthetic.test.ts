import { describe, expect, test } from "vitest";
import type { Picture } from "../../src/base/picture.ts";
import { drawAnimal, type Masks, syntheticDataset } from "../../src/data/synthetic/index.ts";

type Drawn = Masks & { picture: Picture };

const square = { width: 96, height: 96 };
const labels = [0, 1] as const;

const drawn = (name: string | number, label: 0 | 1, size = square): Drawn =>
  drawAnimal({ seed: 11, name: String(name), label, ...size });

const sum = (mask: Uint8Array): number => mask.reduce((total, bit) => total + bit, 0);

/** Whether any pixel within `reach` of each pixel is set. */
function grown(mask: Uint8Array, { width, height }: typeof square, reach: number): Uint8Array {
  return Uint8Array.from(mask, (_, i) => {
    const x = i % width;
    const y = Math.floor(i / width);
    for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++)
      for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++)
        if (mask[v * width + u]) return 1;
    return 0;
  });
}

describe("drawAnimal", () => {
  test("gives the same bytes again, and others for another seed, name or class", () => {
    const recipe = { seed: 1, name: "a", label: 0, ...square } as const;
    const first = drawAnimal(recipe);
    expect(drawAnimal(recipe)).toEqual(first);
    for (const change of [{ seed: 2 }, { name: "b" }, { label: 1 as const }])
      expect(drawAnimal({ ...recipe, ...change }).picture.data).not.toEqual(first.picture.data);
  });

  test.each([square, { width: 160, height: 90 }, { width: 61, height: 121 }])(
    "fills $width×$height and shows telling parts as a fair share of the animal",
    (size) => {
      for (let i = 0; i < 60; i++) {
        const { picture, parts, animal } = drawn(i, labels[i % 2]!, size);
        const area = size.width * size.height;
        expect(picture).toMatchObject(size);
        expect([picture.data.length, parts.length, animal.length]).toEqual([area * 3, area, area]);
        expect(parts.every((bit, k) => bit <= animal[k]!)).toBe(true);
        expect(sum(animal) / area).toBeGreaterThan(0.15);
        expect(sum(animal) / area).toBeLessThan(0.75);
        expect(sum(parts) / sum(animal)).toBeGreaterThan(0.15);
        expect(sum(parts) / sum(animal)).toBeLessThan(0.6);
      }
    },
  );

  test("covers the same parts of the scene at any size", () => {
    const small = drawn("zoom", 1, { width: 50, height: 50 }).animal;
    const large = drawn("zoom", 1, { width: 150, height: 150 }).animal;
    const middles = Uint8Array.from(
      small,
      (_, i) => large[(Math.floor(i / 50) * 3 + 1) * 150 + (i % 50) * 3 + 1]!,
    );
    const differing = small.filter((bit, i) => bit !== middles[i]).length;
    expect(differing / small.length).toBeLessThan(0.03);
  });

  test("twins of both classes differ at their telling parts and nowhere else", () => {
    for (let i = 0; i < 40; i++) {
      const [cat, dog] = labels.map((label) => drawn(i, label)) as [Drawn, Drawn];
      // Shadows and stray hairs of the parts reach a little beyond them.
      const near = grown(
        cat.parts.map((bit, k) => bit | dog.parts[k]!),
        square,
        4,
      );
      let differs = 0;
      for (let k = 0; k < near.length; k++) {
        const same = [0, 1, 2].every((c) => cat.picture.data[k * 3 + c] === dog.picture.data[k * 3 + c]);
        if (!near[k] && !(same && cat.animal[k] === dog.animal[k])) differs++;
      }
      expect(differs, `pixels of twins ${i} that differ far from their parts`).toBe(0);
      expect(sum(near)).toBeLessThan(0.8 * near.length);
    }
  });

  test("the background does not give the class away", () => {
    const examples = Array.from({ length: 500 }, (_, i) => {
      const label = labels[i % 2]!;
      return {
        label,
        features: backgroundStatistics(drawn(`background ${i}`, label, { width: 48, height: 48 })),
      };
    });
    const [fit, held] = [examples.slice(0, 250), examples.slice(250)];
    const means = labels.map((label) => {
      const own = fit.filter((example) => example.label === label);
      return own[0]!.features.map(
        (_, k) => own.reduce((total, { features }) => total + features[k]!, 0) / own.length,
      );
    });
    const right = held.filter(({ label, features }) => {
      const [toCat, toDog] = means.map((mean) => Math.hypot(...mean.map((value, k) => value - features[k]!)));
      return (toCat! < toDog! ? 0 : 1) === label;
    });
    // 250 tosses of a coin stay within 0.1 of a half 998 times in 1000.
    expect(Math.abs(right.length / held.length - 0.5)).toBeLessThan(0.1);
  });
});

/** Mean and spread of each colour in the picture's quarters, pixels of the animal left out. */
function backgroundStatistics({ picture: { data, width, height }, animal }: Drawn): number[] {
  return [0, 1, 2, 3].flatMap((quarter) =>
    [0, 1, 2].flatMap((c) => {
      let n = 0;
      let total = 0;
      let squares = 0;
      for (let i = 0; i < animal.length; i++) {
        if (animal[i] || (i % width < width / 2 ? 0 : 1) + (i < (width * height) / 2 ? 0 : 2) !== quarter)
          continue;
        n++;
        total += data[i * 3 + c]!;
        squares += data[i * 3 + c]! ** 2;
      }
      const mean = n ? total / n : 128;
      return [mean, n ? Math.sqrt(squares / n - mean * mean) : 0];
    }),
  );
}

describe("syntheticDataset", () => {
  const counts = { train: 20, validation: 7, test: 6 };

  test("has balanced classes, unique names and hashes, and pictures that follow the seed", async () => {
    const data = syntheticDataset({ seed: 5, ...counts });
    expect(data).toMatchObject({ source: "built-in pictures", classes: ["cat", "dog"], remarks: [] });
    const all = Object.entries(counts).flatMap(([name, count]) => {
      const split = data.splits[name as keyof typeof counts];
      expect(split).toHaveLength(count);
      expect(split.filter(({ label }) => label === 0)).toHaveLength(Math.ceil(count / 2));
      return split;
    });
    expect(all[0]).toMatchObject({
      name: "train/cat/0001",
      label: 0,
      hash: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    for (const key of ["name", "hash"] as const)
      expect(new Set(all.map((sample) => sample[key])).size).toBe(33);

    const again = syntheticDataset({ seed: 5, ...counts });
    expect(again.splits).toEqual(data.splits);
    expect(await again.read(all[3]!, square)).toEqual(await data.read(all[3]!, square));
    const other = syntheticDataset({ seed: 6, ...counts });
    expect(other.splits.train[0]!.hash).not.toBe(data.splits.train[0]!.hash);
    expect(await other.read(all[3]!, square)).not.toEqual(await data.read(all[3]!, square));
  });

  test("masks belong to the picture", async () => {
    const data = syntheticDataset({ seed: 5, ...counts });
    const sample = data.splits.test[1]!;
    const { picture, parts, animal } = drawAnimal({ seed: 5, name: sample.name, label: 1, ...square });
    expect(await data.read(sample, square)).toEqual(picture);
    expect(data.masks(sample, square)).toEqual({ parts, animal });
  });

  test("a shortcut marks the corner of one class, over the animal and outside its masks", async () => {
    const plain = syntheticDataset({ seed: 5, ...counts });
    const marked = syntheticDataset({ seed: 5, ...counts, shortcut: { label: 1 } });
    for (const [i, sample] of marked.splits.train.entries()) {
      const original = plain.splits.train[i]!;
      const before = await plain.read(original, square);
      const after = await marked.read(sample, square);
      expect(sample.hash === original.hash).toBe(sample.label === 0);
      if (sample.label === 0) {
        expect(after).toEqual(before);
        continue;
      }
      const { animal } = marked.masks(sample, square);
      const changed = [...animal.keys()].filter((k) => after.data[k * 3 + 2] !== before.data[k * 3 + 2]);
      expect(changed.length).toBeGreaterThan(50);
      expect(changed.filter((k) => k % 96 < 78 || k < 78 * 96)).toEqual([]);
      // Only the tag's anti-aliased rim may still count as the animal below it.
      expect(changed.filter((k) => animal[k]).length / changed.length).toBeLessThan(0.2);
    }
  });

  test("a shortcut with a probability marks about that share of its class", () => {
    const sizes = { train: 400, validation: 0, test: 0 };
    const plain = syntheticDataset({ seed: 5, ...sizes });
    const marked = syntheticDataset({ seed: 5, ...sizes, shortcut: { label: 0, probability: 0.7 } });
    const bearing = marked.splits.train.filter(({ hash }, i) => hash !== plain.splits.train[i]!.hash);
    expect(bearing.every(({ label }) => label === 0)).toBe(true);
    expect(Math.abs(bearing.length / 200 - 0.7)).toBeLessThan(0.1);
  });
});

test("pictures of a data set differ, also where the size asked for has a name of its own", async () => {
  const dataset = syntheticDataset({ seed: 0, train: 6, validation: 0, test: 0 });
  const size = { name: "image", width: 24, height: 24 };
  const pictures = await Promise.all(dataset.splits.train.map((sample) => dataset.read(sample, size)));
  expect(new Set(pictures.map(({ data }) => data.join())).size).toBe(6);
});
