import { type Content, html, type Markup } from "./markup.ts";

/** A table of names and values. */
export function pairs(rows: readonly (readonly [name: string, value: Content])[]): Markup {
  return html`
    <table class="pairs">
      <tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody>
    </table>`;
}
