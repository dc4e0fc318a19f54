import { listNames, UserError } from "../base/errors.ts";
import { random } from "../base/random.ts";
import { type Dataset, type Sample, type SplitName, splitNames } from "./dataset.ts";

export type Splits = Dataset["splits"];

/**
 * Sets `fraction` of each class apart for validation, at least one picture and never all. Which ones follows from the
 * seed and the files alone. Those with the same content stay on the same side.
 * @throws UserError when a class has a single picture
 */
export function splitStratified(
  samples: readonly Sample[],
  classes: readonly string[],
  { seed, fraction }: { seed: number; fraction: number },
): { train: Sample[]; validation: Sample[] } {
  const chosen = new Set<string>();
  for (const [label, name] of classes.entries()) {
    const contents = [...new Set(samples.filter((sample) => sample.label === label).map(({ hash }) => hash))];
    if (contents.length === 1 && fraction > 0)
      throw new UserError(`the class "${name}" has a single picture, which cannot be split; add more`);
    const wanted = Math.round(contents.length * fraction);
    const count = fraction > 0 ? Math.min(Math.max(wanted, 1), contents.length - 1) : 0;
    for (const hash of random(seed, "split", name).shuffle(contents).slice(0, count)) chosen.add(hash);
  }
  return {
    train: samples.filter(({ hash }) => !chosen.has(hash)),
    validation: samples.filter(({ hash }) => chosen.has(hash)),
  };
}

/**
 * Takes pictures out of train that are also in validation or test, and out of validation what is also in test: a score
 * must not be measured on what was learnt. Copies inside one split stay, and are counted.
 */
export function separateDuplicates(splits: Splits): { splits: Splits; remarks: string[] } {
  const remarks: string[] = [];
  const held = new Map<string, Sample>();
  const clean: Record<SplitName, readonly Sample[]> = { ...splits };
  for (const split of splitNames.toReversed()) {
    const leaked = splits[split].filter(({ hash }) => held.has(hash));
    clean[split] = splits[split].filter(({ hash }) => !held.has(hash));
    if (leaked.length > 0)
      remarks.push(
        `${count(leaked.length, "picture")} left out of ${split}, with the same content as one held out: ` +
          listNames(leaked.map(({ name, hash }) => `${name} = ${held.get(hash)!.name}`)),
      );
    const first = new Map<string, Sample>();
    const copies = clean[split].filter((sample) => first.has(sample.hash) || !first.set(sample.hash, sample));
    if (copies.length > 0)
      remarks.push(
        `${count(copies.length, "picture")} of ${split} repeated, and kept: ` +
          listNames(copies.map(({ name, hash }) => `${name} = ${first.get(hash)!.name}`)),
      );
    const torn = copies.filter((sample) => !sameTruth(sample, first.get(sample.hash)!));
    if (torn.length > 0)
      remarks.push(
        `${count(torn.length, "picture")} of ${split} with two labels: ` +
          listNames(torn.map(({ name, hash }) => `${name} = ${first.get(hash)!.name}`)),
      );
    for (const sample of splits[split]) held.set(sample.hash, sample);
  }
  return { splits: clean, remarks };
}

const sameTruth = (a: Sample, b: Sample): boolean =>
  a.label === b.label && String(a.values) === String(b.values);

/**
 * Checks that there is something to learn and says what cannot be measured.
 * @param broken why files were skipped, one sentence each
 * @returns a remark for each class that validation or test should have and has not
 * @throws UserError when there are fewer than two classes, or one has no picture in train
 */
export function checkClasses(
  source: string,
  classes: readonly string[],
  splits: Splits,
  broken: readonly string[],
): string[] {
  const lacking = (split: SplitName): string[] =>
    classes.filter((_, label) => !splits[split].some((sample) => sample.label === label));
  if (splitNames.every((split) => splits[split].length === 0))
    refuse(
      `${source} holds no labelled pictures; it needs a folder per class, train and validation folders with a folder ` +
        "per class, or files named like cat.0.jpg",
      broken,
    );
  if (classes.length === 1) refuse(`${source} has one class only, "${classes[0]}"; add a second one`, broken);
  for (const name of lacking("train")) {
    const elsewhere = splitNames.filter((split) =>
      splits[split].some(({ label }) => classes[label] === name),
    );
    refuse(
      elsewhere.length > 0
        ? `the class "${name}" of ${source} is in ${listNames(elsewhere)} but not in train; add pictures of it to train, or remove it`
        : `the class "${name}" of ${source} has no pictures; add some or remove its folder`,
      broken,
    );
  }
  return (["validation", "test"] as const)
    .filter((split) => splits[split].length > 0)
    .flatMap((split) => lacking(split).map((name) => `${split} has no pictures of the class "${name}"`));
}

/**
 * Broken files may be the very reason; then the first of them says more than the lack does.
 * @throws UserError with that sentence
 */
export function refuse(sentence: string, broken: readonly string[]): never {
  const reason = broken[0] && ` (${count(broken.length, "broken file")} skipped; the first: ${broken[0]})`;
  throw new UserError(sentence + (reason ?? ""));
}

/** `1 picture`, `2 pictures`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
