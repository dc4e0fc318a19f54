import { listNames, UserError } from "../base/errors.ts";
import type { SplitName } from "./dataset.ts";

/** A file that should be a labelled picture, by where it lies or what it is called. */
export interface Candidate {
  /** Path relative to the data's folder, with forward slashes. */
  readonly name: string;
  readonly className: string;
  /** Undefined where the folder has no splits of its own. */
  readonly split: SplitName | undefined;
}

export interface Layout {
  readonly candidates: readonly Candidate[];
  /** Classes that have a folder, be it empty. */
  readonly classFolders: ReadonlySet<string>;
  /** Splits that the folder brings along. */
  readonly splits: ReadonlySet<SplitName>;
  /** Files that carry no label. */
  readonly passedOver: readonly string[];
}

/** Words for splits, in folders' names and in tables. */
export const splitFolders: Readonly<Record<string, SplitName>> = {
  train: "train",
  validation: "validation",
  val: "validation",
  valid: "validation",
  test: "test",
};

/** Kaggle's flat names: class, number, extension. */
const flatName = /^(.+)\.\d+\.[^.]+$/;

/** Files that operating systems leave in folders. */
export const isLeftover = (name: string): boolean =>
  name.startsWith(".") || ["Thumbs.db", "desktop.ini", "__MACOSX"].includes(name);

/**
 * Understands a folder from the paths in it: a folder per class; `train/`, `validation/` (or `val/`, `valid/`) and
 * `test/`, each with a folder per class; or flat names such as `cat.0.jpg`, also inside those. A folder with one of
 * these names is always taken as a split, never as a class.
 * @param source the folder, for messages
 * @param files paths relative to it, with forward slashes
 * @param folders the same of all folders in it, so that empty ones are known
 * @throws UserError when the layout is none of these
 */
export function readLayout(source: string, files: readonly string[], folders: readonly string[]): Layout {
  const roots = splitRoots(source, folders);
  const candidates: Candidate[] = [];
  const passedOver: string[] = [];
  const classFolders = new Set<string>();
  const withClassFolders = new Set<string>();

  for (const folder of folders) {
    const { root, rest } = within(roots, folder);
    if (root === undefined || rest.length === 0) continue;
    classFolders.add(rest[0]!);
    withClassFolders.add(root);
  }
  for (const name of files) {
    const { root, split, rest } = within(roots, name);
    const file = rest.at(-1)!;
    if (root !== undefined && rest.length > 2 && !isLeftover(file))
      throw new UserError(
        `${source}/${name} lies too deep: pictures belong right in their class's folder; ` +
          "move them up, or name the folder that holds the class folders",
      );
    const flat = root !== undefined && !withClassFolders.has(root) ? flatName.exec(file)?.[1] : undefined;
    const className = rest.length === 2 ? rest[0] : flat;
    if (root === undefined || className === undefined || isLeftover(file)) passedOver.push(name);
    else candidates.push({ name, className, split });
  }
  return { candidates, classFolders, splits: new Set(roots.values()), passedOver };
}

/** The split of each top folder that is one; empty where there is none. */
function splitRoots(source: string, folders: readonly string[]): Map<string, SplitName> {
  const roots = new Map<string, SplitName>();
  for (const folder of folders) {
    const split = splitFolders[folder.toLowerCase()];
    if (!split) continue;
    const twin = [...roots].find(([, name]) => name === split)?.[0];
    if (twin) throw new UserError(`${source} has both ${listNames([twin, folder])}; keep one of them`);
    roots.set(folder, split);
  }
  if (roots.size > 0 && ![...roots.values()].includes("train"))
    throw new UserError(
      `${source} has ${listNames([...roots.keys()])} but no train; add it, or name the folder that holds the class folders`,
    );
  return roots;
}

/** Where a path lies: its root ("" without splits, undefined outside all splits) and the steps below that. */
function within(
  roots: ReadonlyMap<string, SplitName>,
  path: string,
): { root: string | undefined; split: SplitName | undefined; rest: string[] } {
  const steps = path.split("/");
  if (roots.size === 0) return { root: "", split: undefined, rest: steps };
  const split = roots.get(steps[0]!);
  return { root: split && steps[0], split, rest: steps.slice(1) };
}
