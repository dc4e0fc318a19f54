import { html, type Markup } from "./markup.ts";
import type { Pair } from "./near-duplicates.ts";

/** Two pictures that are nearly the same, side by side. */
export function pairCard({ sides, mirrored, correlation, labelledOtherwise }: Pair): Markup {
  return html`
    <figure class="card">
      <div class="panels two">
        ${sides.map(
          ({ photo, split, truth, name }) => html`
            <div>
              <img src="${photo}" alt="${split} picture ${name}">
              <span>${split}, <bdi>${truth}</bdi></span><br><span class="file"><bdi>${name}</bdi></span>
            </div>`,
        )}
      </div>
      <figcaption>
        <b>correlation ${correlation.toFixed(3)}${mirrored ? ", mirrored" : undefined}</b>
        ${labelledOtherwise ? html`<span class="warning">labelled differently: one of the two is likely wrong</span>` : undefined}
      </figcaption>
    </figure>`;
}
