import { counted, said } from "../../render/figures/format.ts";
import { evidenceScale } from "../color-scale.ts";
import type { ReportContent } from "../content.ts";
import { html, type Markup } from "../markup.ts";
import { reportOf } from "../tasks/index.ts";
import type { Strip } from "../time-lapse.ts";

/** What it looked at after each epoch, on the pictures that were watched. */
export function timeLapse({
  timeLapse: watched,
  strips,
  history,
  network,
}: ReportContent): Markup | undefined {
  if (!watched) return undefined;
  const shown = strips[0]!.moments.length;
  const taken = watched.photos[0]!.moments.length;
  return html`
    <section id="time-lapse">
      <h2>While it learnt</h2>
      <p>
        The same ${counted(strips.length, "picture")} after one epoch and the next, with ${reportOf(network).examples.watched}
        (${watched.method}). Epoch 0 is before the first step; the framed one was kept.
        ${shown < taken ? `Of the ${counted(history.length, "epoch")} a few are shown.` : undefined}
      </p>
      ${strips.map((strip) => row(strip, watched.best))}
      <p>
        Look at where the heat settles. On what makes the class, while the answer gets better: it learns what it should. On a floor, a
        fence or a corner while the answer gets better: it learns a shortcut, and will be wrong where that is missing. If it still wanders in the
        last epochs, the network has not made up its mind.
      </p>
      <p class="quiet">
        All heatmaps of a row share one scale, from 0 to the most that any of them has; so faint ones are faint, as an untrained network's should
        be, and strengths can be compared from epoch to epoch, but not from row to row. No colour: no place by itself spoke for the class. Where the
        network is sure all the same, the evidence is in how the layers behind this one put places together.
      </p>
    </section>`;
}

function row({ label, name, photo, moments, most }: Strip, best: number | undefined): Markup {
  return html`
    <figure class="strip">
      <figcaption><b><bdi>${label}</bdi></b> <bdi class="file">${name}</bdi></figcaption>
      <div class="moments" style="--moments: ${1 + moments.length}">
        <div><img src="${photo}" alt=""><span class="file">photo</span></div>
        ${moments.map(
          ({ epoch, overlay, ...moment }) => html`
            <div${epoch === best ? html` class="kept"` : undefined}>
              <img src="${overlay}" alt="heatmap for ${label} after epoch ${epoch}">
              <span>${said(moment)}</span> <span class="file">epoch ${epoch}</span>
            </div>`,
        )}
      </div>
      ${evidenceScale({ most })}
    </figure>`;
}
