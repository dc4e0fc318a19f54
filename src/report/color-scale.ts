import { html, type Markup } from "./markup.ts";

/** The colour map's bar with what its two ends stand for. */
export function colorScale(low: string, high: string): Markup {
  return html`<div class="colors"><span>${low}</span><i></i><span>${high}</span></div>`;
}
