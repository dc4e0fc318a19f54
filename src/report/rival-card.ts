import { said } from "../render/figures/format.ts";
import type { Card } from "./cards.ts";
import { evidenceScale } from "./color-scale.ts";
import { type Content, html, type Markup } from "./markup.ts";

/** A picture asked twice, on one scale: what speaks for the one class, and what for the other. */
export function rivalCard({ judgement: { sample }, photo, views }: Card, remark?: Content): Markup {
  return html`
    <figure class="card">
      <div class="panels three">
        <div><img src="${photo}" alt=""><span class="file">photo</span></div>
        ${views.map(
          ({ overlay, explanation: { target } }) => html`
            <div>
              <img src="${overlay}" alt="heatmap of what speaks for ${target.label}">
              <span>for <bdi>${target.label}</bdi> ${said(target)}</span>
            </div>`,
        )}
      </div>
      ${evidenceScale(views[0]!)}
      <figcaption>${remark}<bdi class="file">${sample.name}</bdi></figcaption>
    </figure>`;
}
