import { worstAnswers } from "../../evaluate/answers.ts";
import type { ClassReport, MeanReport } from "../../evaluate/classification-report.ts";
import { type LabelReport, type LabelsEvaluation, wrongLabels } from "../../evaluate/labels.ts";
import { area, percent } from "../../render/figures/format.ts";
import type { Scored } from "../evaluation.ts";
import { nearDuplicatesJson } from "../near-duplicates.ts";
import { say } from "../output.ts";
import { scoreLines } from "../score-lines.ts";
import { table } from "../table.ts";
import type { TaskText } from "./task.ts";

const mostSaid = 3;
const mostListed = 20;
/** Longer tables do not fit a terminal. */
const mostRows = 20;

export const multiLabel: TaskText<LabelsEvaluation> = {
  headline: ({ n, macro, exactMatch }) =>
    `macro F1 ${percent(macro.f1)}, every label right in ${percent(exactMatch)} of ${n}`,

  say({ classes, evaluation }) {
    const { exactMatch, interval, hamming, loss, macro, micro, meanAveragePrecision } = evaluation;
    say(`macro F1         ${percent(macro.f1)}`);
    say(`micro F1         ${percent(micro.f1)}`);
    say(`mAP              ${area(meanAveragePrecision)}`);
    say(
      `every label      ${percent(exactMatch)}  (95% interval ${percent(interval[0])} to ${percent(interval[1])})`,
    );
    say(`of all labels    ${percent(hamming)}`);
    say(`loss             ${loss.toFixed(4)}`);
    sayLabels(evaluation, classes);
    const wrong = worstAnswers(evaluation.answers, mostSaid).filter(
      (answer) => wrongLabels(answer).length > 0,
    );
    if (wrong.length > 0) say("\nWorst mistakes:");
    for (const answer of wrong)
      say(
        `  ${answer.sample.name}: ${wrongLabels(answer)
          .map((label) => verdict(answer, label))
          .join(", ")}`,
      );
  },

  json({ split, classes, evaluation, nearDuplicates }: Scored<LabelsEvaluation>) {
    const { labels, answers, ...figures } = evaluation;
    return {
      split,
      ...figures,
      classes,
      perLabel: labels.map(({ ranking, ...report }, label) => ({
        label: classes[label],
        ...report,
        auc: ranking.auc,
        averagePrecision: ranking.averagePrecision,
      })),
      worstMistakes: worstAnswers(answers, mostListed).flatMap((answer) =>
        wrongLabels(answer).length > 0
          ? [
              {
                path: answer.sample.name,
                labels: classes.filter((_, label) => answer.sample.values![label] === 1),
                wrong: wrongLabels(answer).map((label) => ({
                  label: classes[label],
                  probability: answer.scores[label]!.probability,
                })),
                loss: answer.loss,
              },
            ]
          : [],
      ),
      nearDuplicates: nearDuplicatesJson(nearDuplicates),
    };
  },

  answer(scores) {
    const said = scores.filter(({ probability }) => probability > 0.5);
    if (said.length > 0) return scoreLines(said);
    return [`none; nearest: ${scores[0]!.label} ${percent(scores[0]!.probability)}`];
  },
  answerJson: (scores) => scores,
};

function verdict({ sample, scores }: LabelsEvaluation["answers"][number], label: number): string {
  const { label: name, probability } = scores[label]!;
  return `${name} ${percent(probability)}, really ${sample.values![label] === 1 ? "" : "not "}so`;
}

function sayLabels({ labels, macro, micro }: LabelsEvaluation, classes: readonly string[]): void {
  type Row = { readonly label: string } & MeanReport & Partial<LabelReport>;
  const all = labels.map((report, label) => ({ label: classes[label]!, ...report }));
  const shown = all.length > mostRows ? all.toSorted((a, b) => a.f1 - b.f1).slice(0, mostRows) : all;
  const rows: Row[] = [
    ...shown,
    { label: "mean of the labels", ...macro },
    { label: "counted together", ...micro },
  ];
  const numeric = true;
  const share = (of: keyof MeanReport, counted: keyof Pick<ClassReport, "n" | "predicted">) => (row: Row) =>
    row[counted] === 0 ? "–" : percent(row[of]);
  say(
    `\n${table<Row>(
      [
        { heading: "label", cell: ({ label }) => label },
        { heading: "pictures", numeric, cell: ({ n }) => String(n ?? "") },
        { heading: "precision", numeric, cell: share("precision", "predicted") },
        { heading: "recall", numeric, cell: share("recall", "n") },
        { heading: "F1", numeric, cell: ({ f1 }) => percent(f1) },
        { heading: "AUC", numeric, cell: ({ ranking }) => (ranking ? area(ranking.auc) : "") },
        { heading: "AP", numeric, cell: ({ ranking }) => (ranking ? area(ranking.averagePrecision) : "") },
      ],
      rows,
    )}`,
  );
  if (shown.length < all.length) say(`(of ${all.length} labels those with the lowest F1; --json has all)`);
}
