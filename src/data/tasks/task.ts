import type { Truth } from "../../model/tasks/index.ts";
import type { Sample } from "../dataset.ts";
import type { LabelTable } from "../label-table.ts";
import type { Splits } from "../splits.ts";

/** What is true of the photos of a table, in their order, and the names of what it speaks of. */
export interface Truths {
  readonly classes: readonly string[];
  readonly truths: readonly Truth[];
}

/** What is true of a picture, in words: its class, its labels or its value. */
export interface Truthful {
  readonly class?: string;
  readonly labels?: readonly string[];
  readonly value?: number;
}

/** What a task asks of its pictures. */
export interface DataTask {
  /** Whether the columns of a table are of this kind, where nobody said. */
  fits(table: LabelTable): boolean;
  /**
   * @param target the column that says it, where that is known
   * @throws UserError naming line and column of what cannot be read
   */
  read(table: LabelTable, target?: string): Truths;
  /** The column that holds what a network of these classes says, where its name tells. */
  column(classes: readonly string[]): string | undefined;
  /** What is true of a picture, told for other names than the data's own; what is not among these is left out. */
  renamed(sample: Sample, from: readonly string[], to: readonly string[]): Truth;
  /** What a listing has of a picture. */
  listed(sample: Sample, classes: readonly string[]): Truthful;
  /** Whether a picture counts among those of a class, label or value. */
  counts(sample: Sample, index: number): boolean;
  /**
   * Sets a part of the pictures apart for validation, in such a way that both parts are alike. Those with the same content stay on the
   * same side.
   */
  split(
    samples: readonly Sample[],
    classes: readonly string[],
    options: { readonly seed: number; readonly fraction: number },
  ): Pick<Splits, "train" | "validation">;
  /**
   * Checks that there is something to learn, in pictures some of which are to validate with; others are for scoring a network.
   * @param broken why files were skipped, one sentence each
   * @returns a remark for each thing that cannot be measured
   * @throws UserError when there is not
   */
  check(source: string, classes: readonly string[], splits: Splits, broken: readonly string[]): string[];
}
