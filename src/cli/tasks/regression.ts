import { worstAnswers } from "../../evaluate/answers.ts";
import type { ValueErrors, ValuesEvaluation } from "../../evaluate/values.ts";
import { significant } from "../../render/figures/format.ts";
import { nearDuplicatesJson } from "../near-duplicates.ts";
import { say } from "../output.ts";
import type { TaskText } from "./task.ts";

const mostSaid = 3;
const mostListed = 20;

export const regression: TaskText<ValuesEvaluation> = {
  headline: ({ n, r2, intervals, mae }) =>
    `R² ${significant(r2)} of ${n} (95% interval ${intervals.r2.map(significant).join(" to ")}), mean absolute error ${significant(mae)}`,

  say({ classes, evaluation }) {
    const { r2, pearson, spearman, loss, intervals, baseline, answers } = evaluation;
    const between = (name: keyof typeof intervals): string =>
      `(95% interval ${intervals[name].map(significant).join(" to ")})`;
    const guessed = (name: keyof ValueErrors): string =>
      `${significant(evaluation[name])}  ${between(name)}, always saying ${significant(baseline.value)}: ${significant(baseline[name])}`;
    say(`R²               ${significant(r2)}  ${between("r2")}`);
    say(`MAE              ${guessed("mae")}`);
    say(`RMSE             ${guessed("rmse")}`);
    say(`Pearson          ${significant(pearson)}  ${between("pearson")}`);
    say(`Spearman         ${significant(spearman)}`);
    say(`loss             ${loss.toFixed(4)}`);
    say("\nWorst mistakes:");
    for (const { sample, value, truth } of worstAnswers(answers, mostSaid))
      say(`  ${sample.name}: ${classes[0]} ${significant(value)}, really ${significant(truth)}`);
  },

  json({ split, classes, evaluation, nearDuplicates }) {
    const { answers, ...figures } = evaluation;
    return {
      split,
      ...figures,
      classes,
      worstMistakes: worstAnswers(answers, mostListed).map(({ sample, value, truth, loss }) => ({
        path: sample.name,
        value,
        truth,
        loss,
      })),
      nearDuplicates: nearDuplicatesJson(nearDuplicates),
    };
  },

  answer: ([score]) => [`${score!.label}  ${significant(score!.value!)}`],
  answerJson: (scores) => scores.map(({ label, index, logit, value }) => ({ label, index, logit, value })),
};
