import { said } from "../../render/figures/format.ts";
import type { Card } from "../cards.ts";
import { evidenceScale } from "../color-scale.ts";
import type { ReportContent } from "../content.ts";
import { html, type Markup } from "../markup.ts";
import { rivalCard } from "../rival-card.ts";
import { reportOf } from "../tasks/index.ts";

/** What it looks at: Grad-CAM of right answers. */
export function attention({ cards, network }: ReportContent): Markup | undefined {
  const first = cards.right[0]?.views[0]?.explanation;
  if (!first) return undefined;
  const [h, w] = first.raw.shape;
  const { width, height } = network.input;
  const { examples } = reportOf(network);
  return html`
    <section id="attention">
      <h2>What it looks at</h2>
      <p>
        ${first.method.title} at layer ${first.layer!.name}: where in the picture the evidence for the answer lies. ${examples.right}
      </p>
      <div class="cards wide">${cards.right.map(answer)}</div>
      ${
        cards.rivals.length > 0
          ? html`
            <h3>${examples.rivals}</h3>
            <p>The same picture asked twice, on one scale: what speaks for the one, and what for the other.</p>
            <div class="cards wide">${cards.rivals.map((card) => rivalCard(card))}</div>`
          : undefined
      }
      <h3>How to read these</h3>
      <ul>
        <li>A heatmap shows which places raised the class's score (its logit), to a first approximation. It does not say
          <em>what</em> the network saw there, nor that it would miss it.</li>
        <li>The map has ${w}×${h} values for ${width}×${height} pixels. It is drawn out smoothly over the photo, so an edge in it may
          be off by half of a square, and each value has seen more of the picture than its own square.</li>
        <li>Every picture has its own scale, given beside its colours: a bright spot in one picture may mean less than a dim one
          in another.</li>
        <li>What speaks against the class is left out. A map without colour means that no place spoke for it at this layer.</li>
        <li>Heat outside of the animal or thing is a finding: perhaps a background or a mark that goes with one class.
          Cover it, ask again, and see whether the answer changes.</li>
      </ul>
    </section>`;
}

function answer({ judgement: { sample }, photo, views: [view] }: Card): Markup {
  const { target } = view!.explanation;
  return html`
    <figure class="card">
      <div class="panels three">
        <img src="${photo}" alt="">
        <img class="map" src="${view!.heatmap}" alt="heatmap for ${target.label}">
        <img src="${view!.overlay}" alt="heatmap over the photo">
      </div>
      ${evidenceScale(view!)}
      <figcaption>
        <b><bdi>${target.label}</bdi> ${said(target)}</b>
        <bdi class="file">${sample.name}</bdi>
      </figcaption>
    </figure>`;
}
