import type { Answer } from "../../evaluate/answers.ts";
import type { TaskEvaluation } from "../../evaluate/task-evaluation.ts";
import type { Fonts } from "../../render/text.ts";
import type { ReportContent } from "../content.ts";
import type { Content, Markup } from "../markup.ts";

/** An answer to show, and the classes to explain it for, by their indices. */
export interface Choice {
  readonly answer: Answer;
  readonly targets: readonly number[];
}

/** Answers that tell something of a network. */
export interface Choices {
  /** The worst first, explained for what is wrong. */
  readonly mistakes: readonly Choice[];
  /** The least certain first. */
  readonly uncertain: readonly Choice[];
  /** Drawn by lot, neither the nicest nor the first. */
  readonly right: readonly Choice[];
  /** Explained for two classes. */
  readonly rivals: readonly Choice[];
}

/** What a split's figures are drawn from. */
export interface Drawing {
  readonly classes: readonly string[];
  readonly split: string;
  readonly fonts: Fonts;
}

/** What the report says of the networks of a task. */
export interface TaskReport<E extends TaskEvaluation> {
  /** What such a network does, to stand behind "that". */
  lead(classes: readonly string[]): Content;
  choose(evaluation: E, seed: number): Choices;
  /** What is true of a picture where the network speaks of a class. */
  truth(answer: Pick<Answer, "sample">, index: number, classes: readonly string[]): string;
  /** Figures of a split as SVG, by what they show. */
  figures(evaluation: E, drawing: Drawing): Readonly<Record<string, string>>;
  /** The headline on one split. */
  tile(title: string, evaluation: E, classes: readonly string[]): Markup;
  /** What else there is to say of how good it is. */
  details(content: ReportContent, evaluations: readonly SplitEvaluation<E>[]): Markup;
  /** Where it goes wrong, before the worst mistakes and after them. */
  mistakes(
    content: ReportContent,
    shown: SplitEvaluation<E>,
  ): { readonly before?: Markup; readonly after?: Markup };
  /**
   * Words for the explained answers: what the heatmaps of mistakes show, what the others are, a title for those with two, and what is shown
   * of the pictures that were watched.
   */
  readonly examples: Readonly<Record<"mistakes" | "right" | "rivals" | "watched", string>>;
}

/** An evaluation and the split that it is of. */
export interface SplitEvaluation<E> {
  readonly split: string;
  readonly evaluation: E;
}
