import type { Evaluation } from "../../evaluate/evaluate.ts";
import { percent } from "../../render/figures/format.ts";
import { evaluationJson } from "../evaluation.ts";
import { sayEvaluation } from "../evaluation-text.ts";
import { scoreLines } from "../score-lines.ts";
import type { TaskText } from "./task.ts";

const mostAnswers = 5;

export const singleLabel: TaskText<Evaluation> = {
  headline: ({ n, accuracy, interval: [low, high] }) =>
    `${percent(accuracy)} of ${n} right (95% interval ${percent(low)} to ${percent(high)})`,
  say: sayEvaluation,
  json: evaluationJson,
  answer: (scores) => scoreLines(scores.slice(0, mostAnswers)),
  answerJson: (scores) => scores.slice(0, mostAnswers),
};
