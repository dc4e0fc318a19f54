import { probability } from "../../render/figures/format.ts";
import type { Card } from "../cards.ts";
import { chart } from "../chart.ts";
import type { ReportContent } from "../content.ts";
import { html, type Markup } from "../markup.ts";

/** Confusion matrices of more classes are too wide for a phone. */
const mostNarrow = 6;

/** Where it goes wrong: which classes it takes for which, and the mistakes it was surest of. */
export function mistakes({ figures, cards, network, findings }: ReportContent): Markup | undefined {
  if (figures.confusion.length === 0) return undefined;
  const first = cards.mistakes[0]?.views[0]?.explanation;
  const split = findings.validation.n > 0 ? "validation" : "test";
  return html`
    <section id="mistakes">
      <h2>Mistakes</h2>
      <div class="row">${figures.confusion.map((matrix) => chart(matrix, network.classes.length > mostNarrow ? "wide" : "narrow"))}</div>
      <h3>The worst mistakes</h3>
      ${
        first
          ? html`
            <p>The mistakes on ${split} pictures that cost most, the worst first: the photo, and what spoke for the wrong answer
              (${first.method.title}, layer ${first.layer.name}).</p>
            <div class="cards">${cards.mistakes.map((card) => mistake(card, network.classes))}</div>`
          : html`<p>There are none.</p>`
      }
    </section>`;
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
