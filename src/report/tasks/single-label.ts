import { listNames } from "../../base/errors.ts";
import { random } from "../../base/random.ts";
import { calibration } from "../../evaluate/calibration.ts";
import { mostConfused } from "../../evaluate/classification-report.ts";
import { type Evaluation, type Judgement, leastCertain, worstMistakes } from "../../evaluate/evaluate.ts";
import { rankings } from "../../evaluate/ranking.ts";
import { confusionFigure } from "../../render/figures/confusion.ts";
import { percent, significant } from "../../render/figures/format.ts";
import { precisionRecallFigure } from "../../render/figures/precision-recall.ts";
import { reliabilityFigure } from "../../render/figures/reliability.ts";
import { rocFigure } from "../../render/figures/roc.ts";
import { chart, chartRow } from "../chart.ts";
import { classTable } from "../class-table.ts";
import { html, type Markup } from "../markup.ts";
import { rivalCard } from "../rival-card.ts";
import { tile } from "../tile.ts";
import { outOf, whole } from "../words.ts";
import type { TaskReport } from "./task.ts";

const mostMistakes = 12;
const mostUncertain = 6;
const mostRight = 6;
const mostClasses = 6;
const mostPairs = 6;
/** Confusion matrices of more classes are too wide for a phone. */
const mostNarrow = 6;

export const singleLabel: TaskReport<Evaluation> = {
  lead: (classes) => html`tells <bdi>${listNames(classes)}</bdi> apart`,

  choose(evaluation, seed) {
    const right = chooseRight(evaluation, seed);
    const explained = (judgements: readonly Judgement[], classes: number) =>
      judgements.map((answer) => ({ answer, targets: mostProbable(answer, classes) }));
    return {
      mistakes: explained(worstMistakes(evaluation, mostMistakes), 1),
      uncertain: explained(leastCertain(evaluation, mostUncertain), 2),
      right: explained(right.flat(), 1),
      rivals: explained(
        right.flatMap((chosen) => chosen.slice(0, 1)),
        2,
      ),
    };
  },

  truth: ({ sample }, _, classes) => classes[sample.label]!,

  figures(evaluation, { classes, split, fonts }) {
    const ranked = { classes, rankings: rankings(evaluation), split };
    return {
      confusion: confusionFigure({ classes, counts: evaluation.confusion, split }, fonts),
      reliability: reliabilityFigure({ calibration: calibration(evaluation), split }, fonts),
      roc: rocFigure(ranked, fonts),
      "precision-recall": precisionRecallFigure(ranked, fonts),
    };
  },

  tile(title, evaluation, classes) {
    const { n, correct, accuracy, interval, loss } = evaluation;
    const guess = guessing(evaluation);
    return tile({
      title: `${title} accuracy`,
      big: percent(accuracy),
      scale: { value: accuracy, interval, guess: guess.share },
      facts: [
        ["right", outOf(correct, n)],
        ["95% interval", interval.map(percent).join(" to ")],
        ["mean loss", html`${significant(loss)} <span class="quiet">cross-entropy in nats</span>`],
        [
          "by guessing",
          html`${percent(guess.share)} <span class="quiet">always “<bdi>${classes[guess.label]}</bdi>”</span>`,
        ],
      ],
    });
  },

  details({ network: { classes }, figures: { scores } }, evaluations) {
    return html`
    <h3>Class by class</h3>
    <p>Precision is how often it is right when it says the class, recall how many of the class's pictures it finds, each with its
      95% interval; F1 is their harmonic mean.</p>
    ${evaluations.map(({ split, evaluation }) => classTable(split, evaluation.confusion, classes))}
    <h3>Whether its probabilities can be trusted</h3>
    <p>Of the answers that it gives with 80% confidence, 80% should be right: on the diagonal. Below it the network is too sure of itself,
      above it too modest. ECE is the mean gap between confidence and accuracy, MCE the widest, over 15 bins of confidence; the Brier
      score is the mean squared error of its probabilities, 0 at best.</p>
    ${chartRow(scores.reliability!)}
    <h3>At every threshold</h3>
    <p>The class is given where its score is above a threshold. A low one finds more of its pictures, and takes more of the others for
      it; these curves show the trade. An area of 1 is perfect.</p>
    ${chartRow(scores.roc!.flatMap((roc, i) => [roc, scores["precision-recall"]![i]!]))}`;
  },

  mistakes({ network: { classes }, figures: { scores }, cards }, { split, evaluation }) {
    const extent = classes.length > mostNarrow ? "wide" : "narrow";
    return {
      before: html`
      <div class="row">${scores.confusion!.map((matrix) => chart(matrix, extent))}</div>
      ${classes.length > 2 ? confusedPairs(split, evaluation.confusion, classes) : undefined}`,
      after: html`
      <h3>The least certain answers</h3>
      <p>The ${split} pictures on which the two most probable classes are closest, right or wrong, and what spoke for each of the two. A
        picture that people would argue about, too, may have a doubtful label.</p>
      <div class="cards wide">
        ${cards.uncertain.map((card) => {
          const { sample, scores: said, predicted } = card.judgement as Judgement;
          const verdict =
            sample.label === predicted ? "right" : html`really <bdi>${classes[sample.label]}</bdi>`;
          return rivalCard(card, html`<b><bdi>${said[predicted]!.label}</bdi>, ${verdict}</b>`);
        })}
      </div>`,
    };
  },

  examples: {
    mistakes: "what spoke for the wrong answer",
    right: "These are right answers, drawn by lot, not picked.",
    rivals: "Two classes, one picture",
    watched: "the heatmap for the true class and, below, the probability that the network gave this class",
  },
};

/** Some right answers of each class, by class; of the first classes only where there are many. */
function chooseRight({ judgements, confusion }: Evaluation, seed: number): Judgement[][] {
  const classes = Math.min(confusion.length, mostClasses);
  const each = Math.floor(mostRight / classes);
  return Array.from({ length: classes }, (_, label) => {
    const right = judgements.filter(({ sample, predicted }) => sample.label === label && predicted === label);
    return random(seed, "report", label).shuffle(right).slice(0, each);
  });
}

/** In class order. */
function mostProbable({ scores }: Judgement, count: number): number[] {
  return scores
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, count)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}

/** What the best answer that looks at no picture would get: always the most frequent class. */
function guessing({ confusion, n }: Evaluation): { label: number; share: number } {
  const totals = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const most = Math.max(...totals);
  return { label: totals.indexOf(most), share: most / n };
}

function confusedPairs(
  split: string,
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
): Markup | undefined {
  const confused = mostConfused(confusion, mostPairs);
  if (confused.length === 0) return undefined;
  return html`
    <h3>What it confuses most</h3>
    <div class="scroll"><table class="numbers">
      <thead><tr><th>${split}</th><th class="text">taken for</th><th>pictures</th><th>of the class</th></tr></thead>
      <tbody>
        ${confused.map(
          ({ label, predicted, count, share }) => html`
            <tr>
              <td><bdi>${classes[label]}</bdi></td><td class="text"><bdi>${classes[predicted]}</bdi></td>
              <td>${whole(count)}</td><td>${percent(share)}</td>
            </tr>`,
        )}
      </tbody>
    </table></div>`;
}
