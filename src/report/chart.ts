import type { Figure } from "./figures.ts";
import { type Content, html, type Markup, trusted } from "./markup.ts";

/**
 * A chart in the page. Its ground is the page's, and in the dark its lightness is turned over; so it must hold no photos.
 * A `wide` one is scrolled on a narrow screen rather than made too small to read.
 */
export function chart({ svg }: Figure, extent: "wide" | "narrow", caption?: Content): Markup {
  // In HTML an SVG needs no namespace; without it the page names no address at all.
  const inline = trusted(svg.replace(/ xmlns="[^"]*"/, ""));
  return html`
    <figure class="chart ${extent}">
      <div class="scroll" tabindex="0">${inline}</div>
      ${caption === undefined ? undefined : html`<figcaption>${caption}</figcaption>`}
    </figure>`;
}

/** Narrow charts side by side, as far as the page is wide. */
export function chartRow(figures: readonly Figure[]): Markup {
  return html`<div class="row">${figures.map((figure) => chart(figure, "narrow"))}</div>`;
}
