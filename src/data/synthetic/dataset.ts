import type { Size } from "../../base/picture.ts";
import { random } from "../../base/random.ts";
import { type Dataset, type Sample, type SplitName, splitNames } from "../dataset.ts";
import { drawAnimal, type Masks, type Recipe, species } from "./scene.ts";

/** Raise when the drawing changes: a listing then shows that its pictures are others. */
const edition = 1;

/** A mark that goes with one class, for a network to fall for. */
export interface Shortcut {
  /** The class whose pictures bear the mark. */
  readonly label: 0 | 1;
  /** Share of that class's pictures that bear it, 0 to 1; all by default. */
  readonly probability?: number;
}

export interface SyntheticOptions extends Readonly<Record<SplitName, number>> {
  readonly seed: number;
  readonly shortcut?: Shortcut;
}

/** The built-in pictures: cats and dogs drawn on demand, with the truth about what tells them apart. */
export interface SyntheticDataset extends Dataset {
  /** The sample's masks at `size`: the same geometry as `read` at that size. */
  masks(sample: Sample, size: Size): Masks;
}

/**
 * Cats and dogs in turn, as many in each split as asked: classes as equal as the number allows, no picture twice.
 * There is no original to squash: pictures are drawn anew at the size asked for.
 */
export function syntheticDataset(options: SyntheticOptions): SyntheticDataset {
  const { seed, shortcut } = options;

  // Width and height by name: what is passed as a size may have a name of its own.
  const recipe = ({ name, label }: Pick<Sample, "name" | "label">, { width, height }: Size): Recipe => ({
    seed,
    name,
    label: label as 0 | 1,
    width,
    height,
    shortcut:
      label === shortcut?.label && random(seed, "shortcut", name).next() < (shortcut.probability ?? 1),
  });

  const split = (splitName: SplitName): Sample[] =>
    Array.from({ length: options[splitName] }, (_, i) => {
      const label = i % species.length;
      const name = `${splitName}/${species[label]}/${String(Math.floor(i / 2) + 1).padStart(4, "0")}`;
      return { name, label, hash: digest(recipe({ name, label }, { width: 0, height: 0 })) };
    });

  return {
    source: "built-in pictures",
    classes: species,
    splits: Object.fromEntries(splitNames.map((name) => [name, split(name)])) as Record<SplitName, Sample[]>,
    remarks: [],
    read: async (sample, size) => drawAnimal(recipe(sample, size)).picture,
    masks(sample, size) {
      const { parts, animal } = drawAnimal(recipe(sample, size));
      return { parts, animal };
    },
  };
}

/** 128 bits of the recipe, whatever the size it is drawn at, as 32 hexadecimal digits: four draws seeded by it. */
function digest({ seed, name, shortcut }: Recipe): string {
  const { next } = random(seed, "built-in pictures", edition, name, String(shortcut));
  return Array.from({ length: 4 }, () => (next() * 2 ** 32).toString(16).padStart(8, "0")).join("");
}
