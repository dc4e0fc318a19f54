import { listNames } from "../../base/errors.ts";
import { random } from "../../base/random.ts";
import { worstAnswers } from "../../evaluate/answers.ts";
import { type LabelReport, type LabelsEvaluation, wrongLabels } from "../../evaluate/labels.ts";
import { area, percent, significant } from "../../render/figures/format.ts";
import { precisionRecallFigure } from "../../render/figures/precision-recall.ts";
import { rocFigure } from "../../render/figures/roc.ts";
import { chartRow } from "../chart.ts";
import { reportTable } from "../class-table.ts";
import { html } from "../markup.ts";
import { tile } from "../tile.ts";
import { outOf } from "../words.ts";
import type { TaskReport } from "./task.ts";

const mostMistakes = 12;
const mostRight = 6;
const mostPairs = 6;

export const multiLabel: TaskReport<LabelsEvaluation> = {
  lead: (classes) => html`says which of <bdi>${listNames(classes)}</bdi> a picture bears`,

  choose({ answers, labels }, seed) {
    const wrong = answers.filter((answer) => wrongLabels(answer).length > 0);
    const right = random(seed, "report").shuffle(
      answers.filter((answer) => wrongLabels(answer).length === 0),
    );
    const bearing = (count: number) =>
      right.flatMap((answer) => {
        const borne = [...labels.keys()].filter((label) => answer.sample.values![label] === 1);
        return borne.length >= count ? [{ answer, targets: borne.slice(0, count) }] : [];
      });
    // One of each label in turn, as far as there are.
    const turns = bearing(1).map((choice, at, all) => ({
      choice,
      turn: all.slice(0, at).filter(({ targets }) => targets[0] === choice.targets[0]).length,
    }));
    return {
      mistakes: worstAnswers(wrong, mostMistakes).map((answer) => ({
        answer,
        targets: wrongLabels(answer).slice(0, 1),
      })),
      uncertain: [],
      right: turns
        .sort((a, b) => a.turn - b.turn)
        .slice(0, mostRight)
        .map(({ choice }) => choice),
      rivals: bearing(2).slice(0, mostPairs),
    };
  },

  truth: ({ sample }, index, classes) =>
    sample.values![index] === 1 ? classes[index]! : `no ${classes[index]}`,

  figures({ labels }, { classes, split, fonts }) {
    const ranked = { classes, rankings: labels.map(({ ranking }) => ranking), split, overlapping: true };
    return { roc: rocFigure(ranked, fonts), "precision-recall": precisionRecallFigure(ranked, fonts) };
  },

  tile(title, { n, loss, exact, interval, hamming, macro, micro, meanAveragePrecision }) {
    return tile({
      title: `${title} macro F1`,
      big: percent(macro.f1),
      facts: [
        ["every label right", html`${percent(exact / n)} <span class="quiet">${outOf(exact, n)}</span>`],
        ["95% interval", interval.map(percent).join(" to ")],
        ["of all labels right", percent(hamming)],
        ["micro F1", percent(micro.f1)],
        ["mean average precision", area(meanAveragePrecision)],
        ["mean loss", html`${significant(loss)} <span class="quiet">binary cross-entropy in nats</span>`],
      ],
    });
  },

  details({ network: { classes }, figures: { scores } }, evaluations) {
    const areas: readonly (readonly [string, (report: LabelReport) => string])[] = [
      ["AUC", ({ ranking }) => area(ranking.auc)],
      ["AP", ({ ranking }) => area(ranking.averagePrecision)],
    ];
    return html`
    <h3>Label by label</h3>
    <p>A label is given where its probability is above 50%. Precision is how often it is right then, recall how many of the pictures with the
      label it finds, each with its 95% interval; F1 is their harmonic mean, AUC how often a picture with the label is put before one without, AP its
      average precision.</p>
    ${evaluations.map(({ split, evaluation: { labels, macro, micro } }) =>
      reportTable({
        title: split,
        names: classes,
        noun: "labels",
        reports: labels,
        more: areas,
        means: [
          ["mean of the labels", macro],
          ["all labels counted together", micro],
        ],
      }),
    )}
    <h3>At every threshold</h3>
    <p>A low threshold finds more of a label's pictures, and gives it to more of the others; these curves show the trade. An area of 1 is
      perfect.</p>
    ${chartRow(scores.roc!.flatMap((roc, i) => [roc, scores["precision-recall"]![i]!]))}`;
  },

  mistakes: () => ({}),

  examples: {
    mistakes: "what spoke for the label that is most wrong",
    right:
      "These are answers without a wrong label, drawn by lot, not picked; each is explained for the first label that it bears.",
    rivals: "Two labels, one picture",
    watched: "the heatmap for the first label that each bears and, below, the probability of this label",
  },
};
