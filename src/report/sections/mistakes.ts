import { probability, significant } from "../../render/figures/format.ts";
import type { Card } from "../cards.ts";
import type { ReportContent } from "../content.ts";
import { evaluationsOf } from "../findings.ts";
import { html, type Markup } from "../markup.ts";
import { reportOf } from "../tasks/index.ts";

/** Where it goes wrong: the mistakes that cost most, and what else its task has to say of that. */
export function mistakes(content: ReportContent): Markup | undefined {
  const { cards, network, findings } = content;
  const [shown] = evaluationsOf(findings);
  if (!shown) return undefined;
  const first = cards.mistakes[0]?.views[0]?.explanation;
  const task = reportOf(network);
  const { before, after } = task.mistakes(content, shown);
  return html`
    <section id="mistakes">
      <h2>Mistakes</h2>
      ${before}
      <h3>The worst mistakes</h3>
      ${
        first
          ? html`
            <p>The mistakes on ${shown.split} pictures that cost most, the worst first: the photo, and ${task.examples.mistakes}
              (${first.method.title}, layer ${first.layer!.name}).</p>
            <div class="cards">${cards.mistakes.map((card) => mistake(card, task.truth(card.judgement, card.views[0]!.explanation.target.index, network.classes)))}</div>`
          : html`<p>There are none.</p>`
      }
      ${after}
    </section>`;
}

function mistake({ judgement: { sample }, photo, views: [view] }: Card, truth: string): Markup {
  const said = view!.explanation.target;
  const figure = said.value === undefined ? probability(said.probability) : significant(said.value);
  return html`
    <figure class="card">
      <div class="panels two">
        <img src="${photo}" alt="">
        <img src="${view!.overlay}" alt="heatmap of what spoke for ${said.label}">
      </div>
      <figcaption>
        <b>said <bdi>${said.label}</bdi> ${figure}, really <bdi>${truth}</bdi></b>
        <bdi class="file">${sample.name}</bdi>
        ${view!.most > 0 ? undefined : html`<span class="quiet">no evidence for it in the map</span>`}
      </figcaption>
    </figure>`;
}
