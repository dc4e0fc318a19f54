import type { TaskEvaluation } from "../../evaluate/task-evaluation.ts";
import type { ClassScore } from "../../model/predict.ts";
import type { Scored } from "../evaluation.ts";

/** How the command line tells of networks of a task. */
export interface TaskText<E extends TaskEvaluation> {
  /** How good one is on a split, in a line. */
  headline(evaluation: E): string;
  /** All there is to say of that, in lines under each other, and as one object. */
  say(scored: Scored<E>): void;
  json(scored: Scored<E>): Record<string, unknown>;
  /** What one says of an image, in lines, and as objects: from its scores, the most probable first. */
  answer(scores: readonly ClassScore[]): string[];
  answerJson(scores: readonly ClassScore[]): readonly object[];
}
