import { listNames, UserError } from "../../base/errors.ts";

/** The weights that a network asks a file for. */
export interface Wanted {
  /** The network, as people know it. */
  readonly name: string;
  /** What the names of its classifier's weights begin with. */
  readonly head: string;
  /** Which axis of these weights counts classes. */
  readonly classAxis: 0 | -1;
  /** By their names. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/** What files hold beside the weights that a prediction needs: counters, and classifiers that serve training alone. */
const idle = /\.num_batches_tracked$|^AuxLogits\.|^aux[12]\./;

/**
 * Those of a file's weights that a network takes, by their names.
 * @param found in the file, by the names that they have in the network
 * @param freshHead leaves out what does not fit the classifier
 * @returns them, and the names of those that were left out
 * @throws UserError naming the weight that is missing, has another shape or belongs to another network
 */
export function chooseWeights<T extends { readonly shape: readonly number[] }>(
  wanted: Wanted,
  found: ReadonlyMap<string, T>,
  source: string,
  freshHead: boolean,
): { readonly taken: ReadonlyMap<string, T>; readonly fresh: readonly string[] } {
  const taken = new Map<string, T>();
  const [fresh, missing]: [string[], string[]] = [[], []];
  for (const [key, shape] of wanted.shapes) {
    const weight = found.get(key);
    const fits = weight && sameShape(weight.shape, shape);
    if (fits) taken.set(key, weight);
    else if (freshHead && key.startsWith(wanted.head)) fresh.push(key);
    else if (!weight) missing.push(key);
    else throw otherShape(wanted, key, weight.shape, source);
  }
  if (missing.length > 0) throw lacking(wanted, missing, source);
  checkOthers(wanted, [...found.keys()], source);
  return { taken, fresh };
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis]);

const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

function otherShape(
  { name, head, classAxis, shapes }: Wanted,
  key: string,
  found: readonly number[],
  source: string,
): UserError {
  const shape = shapes.get(key)!;
  const both = `"${key}" is ${shapeText(shape)} in ${name} but ${shapeText(found)} in ${source}`;
  const classes =
    key.startsWith(head) &&
    found.length === shape.length &&
    sameShape(found.with(classAxis, 0), shape.with(classAxis, 0));
  return new UserError(
    classes
      ? `${both}; name its ${found.at(classAxis)} classes (--classes), or train a new classifier for yours (--fresh-head).`
      : `${both}; is it another architecture's?`,
  );
}

function lacking({ name, head, shapes }: Wanted, missing: readonly string[], source: string): UserError {
  const others =
    missing.length > 1 ? `, nor ${missing.length - 1} more of the ${shapes.size} weights of ${name}` : "";
  const mend = missing.every((key) => key.startsWith(head))
    ? "it was saved without its classifier; take it for the rest (--fresh-head)."
    : "is it another architecture's?";
  return new UserError(`${source} has no "${missing[0]}"${others}; ${mend}`);
}

/** A larger network of the same family holds all that a smaller one asks for, and would go unnoticed. */
function checkOthers({ name, shapes }: Wanted, names: readonly string[], source: string): void {
  const others = names.filter((key) => !shapes.has(key) && !idle.test(key));
  if (others.length > 0)
    throw new UserError(
      `${source} holds ${listNames(others, 3)}, which ${name} has not; is it another architecture's?`,
    );
}
