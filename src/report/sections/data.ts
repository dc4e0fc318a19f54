import { type SplitName, splitNames } from "../../data/dataset.ts";
import { taskOf } from "../../model/tasks/index.ts";
import { counted } from "../../render/figures/format.ts";
import type { ReportContent } from "../content.ts";
import { html, type Markup } from "../markup.ts";
import type { Pair } from "../near-duplicates.ts";
import { pairCard } from "../pair-card.ts";
import { whole } from "../words.ts";

const mostRemarks = 100;
/** More than these are folded away. */
const openRemarks = 4;

/** The pictures: how many of what, and what is wrong with them. */
export function data({ listing, network, dataChanged, pairs }: ReportContent): Markup {
  const { classes, counts, files, remarks, source, hash } = listing;
  const [one, many] = taskOf(network).noun;
  const pictures = (wanted: SplitName): number => files.filter(({ split }) => split === wanted).length;
  const splits = splitNames.filter((split) => pictures(split) > 0);
  const count = (split: SplitName, name: string): number => counts[split][name] ?? 0;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return html`
    <section id="data">
      <h2>Data</h2>
      <p><bdi>${source}</bdi>, ${classes.length} ${classes.length === 1 ? one : many}. Pictures by ${one} and part:</p>
      ${
        dataChanged
          ? html`<p class="warning">The pictures have changed since the run was begun: scores and examples here are of those
              there are now.</p>`
          : undefined
      }
      <div class="scroll"><table class="numbers">
        <thead><tr><th>${one}</th>${splits.map((split) => html`<th>${split}</th>`)}<th>in all</th></tr></thead>
        <tbody>
          ${classes.map(
            (name) => html`
              <tr>
                <td><bdi>${name}</bdi></td>
                ${splits.map((split) => html`<td>${whole(count(split, name))}</td>`)}
                <td>${whole(sum(splits.map((split) => count(split, name))))}</td>
              </tr>`,
          )}
        </tbody>
        <tfoot>
          <tr>
            <td>in all</td>
            ${splits.map((split) => html`<td>${whole(pictures(split))}</td>`)}
            <td>${whole(files.length)}</td>
          </tr>
        </tfoot>
      </table></div>
      ${remarksList(remarks)}
      ${pairs.length > 0 ? nearDuplicates(pairs) : undefined}
      <p class="quiet">Listing of all files and their hashes: <code>data.json</code>, SHA-256 <code>${hash.slice(0, 16)}…</code></p>
    </section>`;
}

function nearDuplicates(pairs: readonly Pair[]): Markup {
  return html`
    <h3>Nearly the same</h3>
    <p>Pictures held out beside the one of train that each is most like, the most alike first, and how their grey levels correlate. What
      the network learnt by heart it also knows in these, so they flatter the scores; leave one of each pair out, or keep
      both on the same side.</p>
    <div class="cards">${pairs.map(pairCard)}</div>`;
}

function remarksList(remarks: readonly string[]): Markup {
  if (remarks.length === 0)
    return html`<p>Nothing was wrong with them: no broken files, no copies across parts.</p>`;
  const list = html`
    <ul class="remarks">
      ${remarks.slice(0, mostRemarks).map((remark) => html`<li>${remark}</li>`)}
      ${remarks.length > mostRemarks ? html`<li>and ${remarks.length - mostRemarks} more</li>` : undefined}
    </ul>`;
  const title = counted(remarks.length, "remark");
  return remarks.length > openRemarks
    ? html`<details><summary>${title}</summary>${list}</details>`
    : html`<h3>${title}</h3>${list}`;
}
