import { mostConfused } from "../../evaluate/classification-report.ts";
import { percent, probability } from "../../render/figures/format.ts";
import type { Card } from "../cards.ts";
import { chart } from "../chart.ts";
import type { ReportContent } from "../content.ts";
import { html, type Markup } from "../markup.ts";
import { rivalCard } from "../rival-card.ts";
import { whole } from "../words.ts";

/** Confusion matrices of more classes are too wide for a phone. */
const mostNarrow = 6;

const mostPairs = 6;

/** Where it goes wrong: which classes it takes for which, the mistakes it was surest of, and where it was least sure. */
export function mistakes({ figures, cards, network, findings }: ReportContent): Markup | undefined {
  if (figures.confusion.length === 0) return undefined;
  const first = cards.mistakes[0]?.views[0]?.explanation;
  const [split, { confusion }] =
    findings.validation.n > 0 ? ["validation", findings.validation] : ["test", findings.test!];
  return html`
    <section id="mistakes">
      <h2>Mistakes</h2>
      <div class="row">${figures.confusion.map((matrix) => chart(matrix, network.classes.length > mostNarrow ? "wide" : "narrow"))}</div>
      ${network.classes.length > 2 ? confusedPairs(split, confusion, network.classes) : undefined}
      <h3>The worst mistakes</h3>
      ${
        first
          ? html`
            <p>The mistakes on ${split} pictures that cost most, the worst first: the photo, and what spoke for the wrong answer
              (${first.method.title}, layer ${first.layer.name}).</p>
            <div class="cards">${cards.mistakes.map((card) => mistake(card, network.classes))}</div>`
          : html`<p>There are none.</p>`
      }
      <h3>The least certain answers</h3>
      <p>The ${split} pictures on which the two most probable classes are closest, right or wrong, and what spoke for each of the two. A
        picture that people would argue about, too, may have a doubtful label.</p>
      <div class="cards wide">
        ${cards.uncertain.map((card) => {
          const { sample, scores, predicted } = card.judgement;
          const verdict =
            sample.label === predicted ? "right" : html`really <bdi>${network.classes[sample.label]}</bdi>`;
          return rivalCard(card, html`<b><bdi>${scores[predicted]!.label}</bdi>, ${verdict}</b>`);
        })}
      </div>
    </section>`;
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

function mistake(
  { judgement: { sample, scores, predicted }, photo, views: [view] }: Card,
  classes: readonly string[],
): Markup {
  const said = scores[predicted]!;
  return html`
    <figure class="card">
      <div class="panels two">
        <img src="${photo}" alt="">
        <img src="${view!.overlay}" alt="heatmap of what spoke for ${said.label}">
      </div>
      <figcaption>
        <b>said <bdi>${said.label}</bdi> ${probability(said.probability)}, really <bdi>${classes[sample.label]}</bdi></b>
        <bdi class="file">${sample.name}</bdi>
        ${view!.most > 0 ? undefined : html`<span class="quiet">no evidence for it in the map</span>`}
      </figcaption>
    </figure>`;
}
