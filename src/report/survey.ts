import { rangeOf } from "../base/range.ts";
import type { Method } from "../explain/method.ts";
import { colorize } from "../render/colormaps.ts";
import { counted, percent, significant } from "../render/figures/format.ts";
import { pngDataUri } from "../render/png.ts";
import type { Finding } from "../survey/findings.ts";
import { regions, uniformBorder, uniformCentre } from "../survey/place.ts";
import type { SurveyRow } from "../survey/row.ts";
import type { SuspectMeasure, TargetSummary } from "../survey/summary.ts";
import { colorScale } from "./color-scale.ts";
import { html, type Markup } from "./markup.ts";
import { page } from "./page.ts";
import { surveyStyle } from "./survey-style.ts";
import { whole } from "./words.ts";

/** All that a survey's page says. */
export interface SurveyContent {
  /** The folder of photos, and the model, as people call them. */
  readonly photos: string;
  readonly model: string;
  readonly method: Method;
  /** Where it was explained; empty at the input. */
  readonly layer: string;
  /** Width over height of the network's input. */
  readonly aspect: number;
  readonly rows: readonly SurveyRow[];
  readonly targets: readonly TargetSummary[];
  readonly findings: readonly Finding[];
  readonly suspects: { readonly by: SuspectMeasure; readonly cards: readonly SuspectCard[] };
  readonly broken: readonly string[];
}

/** A photo whose evidence lies far out, its pictures as `data:` URIs. */
export interface SuspectCard {
  readonly row: SurveyRow;
  readonly photo: string;
  readonly overlay: string;
}

/** Targets that are shown with maps, if they have some photos; the others have their line in the table. */
const mostShown = 12;
const fewestShown = 5;

/** What a summary is of, for people. */
const nameOf = ({ target }: TargetSummary): string => target ?? "all classes";

/** A survey as one HTML file, without a script. */
export function surveyPage(content: SurveyContent): string {
  const { photos, model, method, layer, rows, targets, broken } = content;
  const shown = targets
    .filter((summary, at) => at === 0 || summary.photos >= fewestShown)
    .slice(0, mostShown);
  return page(
    `Where the evidence lies: ${photos}`,
    surveyStyle,
    html`
    <header>
      <p class="quiet">${counted(rows.length, "photo")} in <bdi>${photos}</bdi>, explained by ${method.title}${
        layer && html` at <bdi>${layer}</bdi>`
      }, for <bdi>${model}</bdi></p>
      <h1>Where the evidence lies</h1>
      ${verdict(content)}
    </header>
    <section>
      <h2>Class by class</h2>
      <p>On the left the mean of all maps, each counted as parts of its sum, so that every photo weighs the same; the dashed line is where the
        outer tenth begins. In the middle the photos by where their evidence is strongest.</p>
      ${shown.map((summary) => targetMarkup(summary, content))}
      ${targets.length > 1 ? table(targets) : undefined}
    </section>
    ${suspectsMarkup(content)}
    <section>
      <h2>How to read this</h2>
      <ul>
        <li>${method.title}: ${method.summary}. ${method.limits}</li>
        <li>Only what speaks for the class counts; each photo's map is taken by its own sum, so that strong and weak answers weigh the same.</li>
        <li>A map that is the same everywhere would have ${percent(uniformBorder)} of its evidence in the outer tenth, and
          ${percent(uniformCentre)} in the middle half of width and height. Chance, for the strongest place, is that of a map's cells being all as likely.</li>
        <li>Intervals are of 95%: what another set of photos like these would show.</li>
        <li>Evidence at the border is a question and no verdict: the animal may stand there. Look at the photos; cover the place, and ask again.</li>
      </ul>
    </section>
    ${
      broken.length > 0
        ? html`<section><h2>${counted(broken.length, "broken file")}</h2><ul>${broken.map((why) => html`<li><bdi>${why}</bdi></li>`)}</ul></section>`
        : undefined
    }`,
  );
}

function verdict({ findings, targets, rows }: SurveyContent): Markup {
  if (findings.length > 0)
    return html`<ul class="findings">${findings.map(({ sentence }) => html`<li>${sentence}</li>`)}</ul>`;
  const few = targets.every(({ photos }) => photos < 10)
    ? " There are too few photos of each class to tell."
    : "";
  return html`<p class="clean">Nothing stands out in ${counted(rows.length, "photo")}: the evidence for no class keeps to a corner or to the border.${few}</p>`;
}

function targetMarkup(summary: TargetSummary, { rows, aspect }: SurveyContent): Markup {
  const { photos, silent, labelled, correct } = summary;
  const right = labelled > 0 ? `, ${whole(correct)} of ${whole(labelled)} rightly so` : "";
  const nothing = silent > 0 ? `; in ${whole(silent)} nothing speaks for it` : "";
  const own = summary.target === undefined ? rows : rows.filter(({ target }) => target === summary.target);
  const borders = own.flatMap((row) => row.border ?? []);
  return html`
    <h3><bdi>${nameOf(summary)}</bdi></h3>
    <div class="target" style="--aspect:${aspect.toFixed(4)}">
      ${silent < photos ? maps(summary) : undefined}
      <div class="facts">
        <p>${counted(photos, "photo")}${right}${nothing}.</p>
        ${silent < photos ? measures(summary) : undefined}
        ${borders.length > 1 ? histogram(borders) : undefined}
      </div>
    </div>`;
}

/** The mean map, and the photos by where their evidence is strongest. */
function maps(summary: TargetSummary): Markup {
  const { average, peaks } = summary;
  const [, most] = rangeOf(average.data);
  const drawn = pngDataUri(colorize(average, { range: [0, most] }));
  return html`
    <figure>
      <div class="square"><img src="${drawn}" alt="mean map for ${nameOf(summary)}"><div class="inner"></div></div>
      ${colorScale("0", `${significant(most * average.data.length)}× an even map`)}
    </figure>
    <figure>
      <div class="square peaks">${peaks.map(
        ({ value }, region) => html`
        <span${value > 0.5 ? html` class="strong"` : ""} style="--share:${(100 * value).toFixed(0)}%" title="${regions[region]!}">${
          value > 0 ? percent(value) : ""
        }</span>`,
      )}</div>
      <figcaption>photos by their strongest place</figcaption>
    </figure>`;
}

function measures({ border, centre, peaksAtBorder, inside, masked }: TargetSummary): Markup {
  return html`
    ${measure("in the outer tenth", border, uniformBorder)}
    ${measure("in the middle half", centre, uniformCentre)}
    ${measure("strongest at the border", peaksAtBorder, peaksAtBorder.chance)}
    ${inside && measure("in the masks", inside, masked!)}`;
}

/** A share of the evidence or of the photos, its interval, and what chance would give. */
function measure(
  name: string,
  { value, interval: [low, high] }: TargetSummary["border"],
  chance: number,
): Markup {
  const at = (share: number): string => `${(100 * share).toFixed(2)}%`;
  return html`
    <div class="measure">
      <span>${name}</span>
      <div class="scale" aria-hidden="true">
        <i class="interval" style="left:${at(low)};width:${at(high - low)}"></i>
        <i class="guess" style="left:${at(chance)}"></i>
        <i class="value" style="left:${at(value)}"></i>
      </div>
      <span>${percent(value)} <span class="quiet">even ${percent(chance)}</span></span>
    </div>`;
}

const bins = 25;

/** Photos by how much of their evidence lies in the outer tenth. */
function histogram(shares: readonly number[]): Markup {
  const counts = new Array<number>(bins).fill(0);
  for (const share of shares) counts[Math.min(bins - 1, Math.floor(share * bins))]!++;
  const most = Math.max(...counts);
  return html`
    <div class="histogram" aria-hidden="true">
      ${counts.map((count) => html`<i style="height:${((100 * count) / most).toFixed(1)}%"></i>`)}
      <div class="even" style="left:${(100 * uniformBorder).toFixed(1)}%"></div>
    </div>
    <div class="ends"><span>0%</span><span>photos, by how much of the evidence is in the outer tenth (dashed: an even map)</span><span>100%</span></div>`;
}

const mostLines = 100;

function table(targets: readonly TargetSummary[]): Markup {
  const masks = targets.some(({ inside }) => inside);
  return html`
    <details>
      <summary>${targets.length > mostLines ? `The ${mostLines} classes of most photos` : "All classes"} in numbers</summary>
      <div class="scroll"><table class="numbers">
        <tr><th>class</th><th>photos</th><th>right</th><th>outer tenth</th><th>95% interval</th><th>middle half</th><th>strongest at the border</th><th>by chance</th>${
          masks ? html`<th>in the masks</th>` : undefined
        }</tr>
        ${targets.slice(0, mostLines).map((summary) => tableRow(summary, masks))}
      </table></div>
    </details>`;
}

function tableRow(summary: TargetSummary, masks: boolean): Markup {
  const { photos, labelled, correct, border, centre, peaksAtBorder, inside } = summary;
  return html`
    <tr>
      <td><bdi>${nameOf(summary)}</bdi></td>
      <td>${whole(photos)}</td>
      <td>${labelled > 0 ? percent(correct / labelled) : "–"}</td>
      <td>${percent(border.value)}</td>
      <td>${percent(border.interval[0])} to ${percent(border.interval[1])}</td>
      <td>${percent(centre.value)}</td>
      <td>${percent(peaksAtBorder.value)}</td>
      <td>${percent(peaksAtBorder.chance)}</td>
      ${masks ? html`<td>${inside ? percent(inside.value) : "–"}</td>` : undefined}
    </tr>`;
}

function suspectsMarkup({ suspects: { by, cards } }: SurveyContent): Markup | undefined {
  if (cards.length === 0) return undefined;
  return html`
    <section>
      <h2>Photos whose evidence lies furthest out</h2>
      <p>${
        by === "inside"
          ? "Those with the least of their evidence in their masks."
          : "Those with the most of their evidence in the outer tenth; there are no masks to tell better."
      } Each map has its own range, from nothing to its strongest place.</p>
      <div class="cards">${cards.map(
        ({ row, photo, overlay }) => html`
        <figure class="card">
          <div class="panels two"><img src="${photo}" alt=""><img src="${overlay}" alt="where the evidence for ${row.target} lies"></div>
          <figcaption>
            <b><bdi>${row.target}</bdi>${row.probability === undefined || row.predicted !== row.target ? "" : ` ${percent(row.probability)}`}${
              row.label !== undefined && row.correct === false
                ? html`, in truth <bdi>${row.label}</bdi>`
                : undefined
            }</b>
            <span>${percent(row.border!)} in the outer tenth${row.inside === undefined ? "" : `, ${percent(row.inside)} in the mask`}</span>
            <bdi class="file">${row.file}</bdi>
          </figcaption>
        </figure>`,
      )}</div>
    </section>`;
}
