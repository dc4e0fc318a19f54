import { significant } from "../render/figures/format.ts";
import type { View } from "./cards.ts";
import { html, type Markup } from "./markup.ts";

/** The colour map's bar with what its two ends stand for. */
export function colorScale(low: string, high: string): Markup {
  return html`<div class="colors"><span>${low}</span><i></i><span>${high}</span></div>`;
}

/** The same of evidence on one scale. */
export function evidenceScale({ most }: Pick<View, "most">): Markup {
  if (most === 0) return html`<div class="colors">no place speaks for it</div>`;
  return colorScale("0", significant(most));
}
