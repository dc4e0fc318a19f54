import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { listNames, UsageError } from "../base/errors.ts";
import type { Dataset, Sample, SplitName } from "./dataset.ts";
import { decodePicture, readBytes } from "./decode.node.ts";
import { fileError } from "./files.node.ts";
import { inspectFile } from "./inspect.node.ts";
import { type Candidate, isLeftover, type Layout, readLayout } from "./layout.ts";
import { mapParallel, type Progress } from "./parallel.ts";
import { checkClasses, count, type Splits, separateDuplicates, splitStratified } from "./splits.ts";

export interface FolderOptions {
  /** Seed of the split, where the folder brings none. */
  readonly seed?: number;
  /** Part of each class set apart for validation, where the folder has no validation of its own; 0 keeps all in train. */
  readonly validationFraction?: number;
  readonly progress?: Progress;
}

/**
 * Opens a folder of photos: see `readLayout` for what it may look like. Every file is read once for its hash and its
 * header; one that is broken is skipped and named in `remarks`. Damage behind the header shows when pictures are decoded:
 * `preload` does that before training. Where a folder has no validation, the seeded split makes one; test stays empty.
 * @throws UserError when the folder is missing, unreadable, laid out in another way, or has too little to learn from
 * @throws UsageError when `validationFraction` is not in [0, 1)
 */
export async function openFolder(
  folder: string,
  { seed = 0, validationFraction = 0.2, progress }: FolderOptions = {},
): Promise<Dataset> {
  checkFraction(validationFraction);
  const source = folder.replace(/(?<=.)\/+$/, "");
  const { files, folders } = await walk(source);
  const layout = readLayout(source, files, folders);
  const { hashes, others, broken } = await inspect(source, layout.candidates, progress);
  // Sorted by code unit, as Keras sorts them. A file name makes a class only if the file is a picture.
  const classes = [
    ...new Set([...layout.classFolders, ...[...hashes.keys()].map(({ className }) => className)]),
  ];
  classes.sort();
  const given = assign(layout, classes, hashes, { seed, fraction: validationFraction });
  const { splits, remarks } = separateDuplicates(given);
  const missing = checkClasses(source, classes, splits, broken);
  const passedOver = [...layout.passedOver, ...others].sort();
  return {
    source,
    classes,
    splits,
    remarks: [
      ...(broken.length > 0 ? [`${count(broken.length, "broken file")} skipped`, ...broken] : []),
      ...(passedOver.length > 0
        ? [`${count(passedOver.length, "file")} passed over, no labelled pictures: ${listNames(passedOver)}`]
        : []),
      ...remarks,
      ...missing,
    ],
    read: async (sample, size) => {
      const path = join(source, sample.name);
      return decodePicture(await readBytes(path), path, size);
    },
  };
}

/** @throws UsageError when it is not in [0, 1) */
export function checkFraction(validationFraction: number): void {
  if (!(validationFraction >= 0 && validationFraction < 1))
    throw new UsageError(`the validation fraction is ${validationFraction}; it must lie in [0, 1)`);
}

/** Paths below `source`, sorted; links are followed. Deeper than any layout goes nothing is listed. */
export async function walk(source: string): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const path = join(source, folder);
    const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
      throw fileError(error, path);
    });
    for (const entry of entries) {
      const name = folder ? `${folder}/${entry.name}` : entry.name;
      // A link that leads nowhere is listed as a file, and reported when it is opened.
      const target = entry.isSymbolicLink() ? await stat(join(source, name)).catch(() => undefined) : entry;
      if (!target?.isDirectory()) {
        if (!target || target.isFile()) files.push(name);
      } else if (!isLeftover(entry.name)) {
        folders.push(name);
        if (depth < 4) await visit(name, depth + 1);
      }
    }
  };
  await visit("", 1);
  return { files: files.sort(), folders: folders.sort() };
}

/** Hashes every candidate and looks at its header. */
async function inspect(
  source: string,
  candidates: readonly Candidate[],
  progress: Progress | undefined,
): Promise<{ hashes: Map<Candidate, string>; others: string[]; broken: string[] }> {
  const findings = await mapParallel(candidates, ({ name }) => inspectFile(join(source, name)), progress);
  const hashes = new Map<Candidate, string>();
  const others: string[] = [];
  const broken: string[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const finding = findings[index];
    if (!finding) others.push(candidate.name);
    else if ("hash" in finding) hashes.set(candidate, finding.hash);
    else broken.push(finding.error);
  }
  return { hashes, others, broken };
}

/** Samples by split: the folder's own, and a seeded validation where it has none. */
function assign(
  layout: Layout,
  classes: readonly string[],
  hashes: ReadonlyMap<Candidate, string>,
  options: { seed: number; fraction: number },
): Splits {
  const labels = new Map(classes.map((name, label) => [name, label]));
  const of = (wanted: SplitName | undefined): Sample[] =>
    [...hashes]
      .filter(([{ split }]) => split === wanted)
      .map(([{ name, className }, hash]) => ({ name, label: labels.get(className)!, hash }));
  const test = of("test");
  if (layout.splits.has("validation")) return { train: of("train"), validation: of("validation"), test };
  return { ...splitStratified(of(layout.splits.has("train") ? "train" : undefined), classes, options), test };
}
