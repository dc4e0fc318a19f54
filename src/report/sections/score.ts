import type { Evaluation } from "../../evaluate/evaluate.ts";
import { percent, significant } from "../../render/figures/format.ts";
import { chart } from "../chart.ts";
import { classTable } from "../class-table.ts";
import type { ReportContent } from "../content.ts";
import type { Figure } from "../figures.ts";
import { html, type Markup } from "../markup.ts";
import { outOf } from "../words.ts";

/** The headline: how often it is right on pictures that it was not trained on, and how sure that number is. */
export function score(content: ReportContent): Markup {
  const { findings, network, figures } = content;
  const { validation, test } = findings;
  return html`
    <section id="score">
      <h2>Score</h2>
      <div class="tiles">
        ${tile("Validation", validation, network.classes)}
        ${test && tile("Test", test, network.classes)}
      </div>
      <p class="quiet">${caution(validation.n, test?.n ?? 0)}</p>
      ${figures.confusion.length > 0 ? details(content) : undefined}
    </section>`;
}

/** Which classes it does well on, how far its probabilities can be trusted, and what other thresholds would give. */
function details({ findings: { validation, test }, network: { classes }, figures }: ReportContent): Markup {
  return html`
    <h3>Class by class</h3>
    <p>Precision is how often it is right when it says the class, recall how many of the class's pictures it finds, each with its
      95% interval; F1 is their harmonic mean.</p>
    ${validation.n > 0 ? classTable("validation", validation.confusion, classes) : undefined}
    ${test && test.n > 0 ? classTable("test", test.confusion, classes) : undefined}
    <h3>Whether its probabilities can be trusted</h3>
    <p>Of the answers that it gives with 80% confidence, 80% should be right: on the diagonal. Below it the network is too sure of itself,
      above it too modest. ECE is the mean gap between confidence and accuracy, MCE the widest, over 15 bins of confidence; the Brier
      score is the mean squared error of its probabilities, 0 at best.</p>
    ${row(figures.reliability)}
    <h3>At every threshold</h3>
    <p>The class is given where its score is above a threshold. A low one finds more of its pictures, and takes more of the others for
      it; these curves show the trade. An area of 1 is perfect.</p>
    ${row(figures.roc.flatMap((roc, i) => [roc, figures.precisionRecall[i]!]))}`;
}

function row(figures: readonly Figure[]): Markup {
  return html`<div class="row">${figures.map((figure) => chart(figure, "narrow"))}</div>`;
}

/** What to think of the scores. */
function caution(validation: number, test: number): string {
  const chosen =
    "The validation pictures chose which epoch's weights were kept, so their score may be a little too good.";
  if (test > 0) return `The test pictures had no part in training. ${validation > 0 ? chosen : ""}`;
  if (validation > 0) return `${chosen} For a stricter one, keep some pictures aside in a folder "test".`;
  return "No pictures were kept aside, so nothing is known of how well it does on new ones.";
}

function tile(split: string, evaluation: Evaluation, classes: readonly string[]): Markup | undefined {
  const { n, correct, accuracy, interval, loss } = evaluation;
  if (n === 0) return undefined;
  const [low, high] = interval;
  const guess = guessing(evaluation);
  return html`
    <div class="tile">
      <h3>${split} accuracy</h3>
      <p class="big">${percent(accuracy)}</p>
      <div class="scale" aria-hidden="true">
        <i class="interval" style="left:${css(low)};width:${css(high - low)}"></i>
        <i class="guess" style="left:${css(guess.share)}"></i>
        <i class="value" style="left:${css(accuracy)}"></i>
      </div>
      <dl>
        <dt>right</dt><dd>${outOf(correct, n)}</dd>
        <dt>95% interval</dt><dd>${percent(low)} to ${percent(high)}</dd>
        <dt>mean loss</dt><dd>${significant(loss)} <span class="quiet">cross-entropy in nats</span></dd>
        <dt>by guessing</dt><dd>${percent(guess.share)} <span class="quiet">always “<bdi>${
          classes[guess.label]
        }</bdi>”</span></dd>
      </dl>
    </div>`;
}

/** What the best answer that looks at no picture would get: always the most frequent class. */
function guessing({ confusion, n }: Evaluation): { label: number; share: number } {
  const totals = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const most = Math.max(...totals);
  return { label: totals.indexOf(most), share: most / n };
}

function css(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}
