import { random } from "../base/random.ts";
import type { Sample } from "./dataset.ts";

/**
 * Sets a part of pictures with any number of labels apart, so that each label is as frequent in either part (iterative stratification;
 * Sechidis et al. 2011, algorithm 1): again and again the pictures of the label that fewest of those left bear go one by one to the part that lacks
 * it most, then to the one that lacks pictures most, then by the seed. Pictures with the same content stay together.
 */
export function iterativeStratification(
  samples: readonly Sample[],
  classes: readonly string[],
  { seed, fraction }: { readonly seed: number; readonly fraction: number },
): { train: Sample[]; validation: Sample[] } {
  const source = random(seed, "split");
  const left = new Map(samples.map(({ hash, values }) => [hash, values!]));
  const bearing = (label: number): string[] =>
    [...left.keys()].filter((hash) => left.get(hash)![label] === 1);
  const counts = classes.map((_, label) => bearing(label).length);
  const parts = [1 - fraction, fraction].map((share) => ({
    contents: new Set<string>(),
    wanted: share * left.size,
    wantedOf: counts.map((count) => share * count),
  }));
  const give = (hash: string, label: number): void => {
    const most = (lack: (part: (typeof parts)[number]) => number, among: typeof parts): typeof parts => {
      const top = Math.max(...among.map(lack));
      return among.filter((part) => lack(part) === top);
    };
    const lacking = most(({ wantedOf }) => wantedOf[label] ?? 0, parts);
    const part = source.pick(most(({ wanted }) => wanted, lacking));
    part.contents.add(hash);
    part.wanted--;
    for (const [at, value] of left.get(hash)!.entries()) {
      part.wantedOf[at]! -= value;
      counts[at]! -= value;
    }
    left.delete(hash);
  };
  const labels = new Set(classes.keys());
  while (labels.size > 0) {
    const rarest = [...labels].reduce((a, b) => (counts[b]! < counts[a]! ? b : a));
    for (const hash of source.shuffle(bearing(rarest))) give(hash, rarest);
    labels.delete(rarest);
  }
  for (const hash of source.shuffle([...left.keys()])) give(hash, -1);
  const validation = parts[1]!.contents;
  return {
    train: samples.filter(({ hash }) => !validation.has(hash)),
    validation: samples.filter(({ hash }) => validation.has(hash)),
  };
}
