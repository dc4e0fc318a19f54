import { UserError } from "../../base/errors.ts";
import { random } from "../../base/random.ts";
import type { Sample } from "../dataset.ts";
import { findColumn, onlyColumn, placeOf } from "../label-table.ts";
import { refuse } from "../splits.ts";
import type { DataTask } from "./task.ts";

/** A column of numbers. */
export const regression: DataTask = {
  // Numbers may stand for classes as well; so the column has to be named.
  fits: () => false,
  read(table, target) {
    const { name, cells } =
      target === undefined ? onlyColumn(table, "the numbers") : findColumn(table, target);
    const truths = cells.map((cell, row) => {
      const value = cell === "" ? Number.NaN : Number(table.decimalComma ? cell.replace(",", ".") : cell);
      if (!Number.isFinite(value))
        throw new UserError(`${placeOf(table, row)}: "${name}" is "${cell}"; it must be a number.`);
      return { label: -1, values: [value] };
    });
    return { classes: [name], truths };
  },
  column: ([name]) => name,
  renamed: ({ label, values }) => ({ label, values: values! }),
  listed: ({ values }) => ({ value: values![0]! }),
  counts: () => true,
  split: splitByValue,
  check(source, [name], { train, validation }, broken) {
    if (validation.length > 0 && new Set(train.map(({ values }) => values![0])).size < 2)
      refuse(
        `"${name}" is the same for every picture of ${source} in train, so there is nothing to learn; add others`,
        broken,
      );
    return [];
  },
};

/** In the order of their values the pictures are cut into as many groups as are to validate with; of each one is drawn. */
function splitByValue(
  samples: readonly Sample[],
  _: readonly string[],
  { seed, fraction }: { readonly seed: number; readonly fraction: number },
): { train: Sample[]; validation: Sample[] } {
  const byContent = new Map(samples.map((sample) => [sample.hash, sample.values![0]!]));
  const contents = [...byContent.keys()].sort((a, b) => byContent.get(a)! - byContent.get(b)!);
  const most = Math.max(0, contents.length - 1);
  const count = fraction > 0 ? Math.min(Math.max(Math.round(contents.length * fraction), 1), most) : 0;
  const source = random(seed, "split");
  const chosen = new Set(
    Array.from({ length: count }, (_, group) => {
      const [from, to] = [group, group + 1].map((at) => Math.round((at * contents.length) / count));
      return contents[from! + source.below(to! - from!)]!;
    }),
  );
  return {
    train: samples.filter(({ hash }) => !chosen.has(hash)),
    validation: samples.filter(({ hash }) => chosen.has(hash)),
  };
}
