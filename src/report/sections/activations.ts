import { counted } from "../../render/figures/format.ts";
import { colorScale } from "../color-scale.ts";
import type { ReportContent } from "../content.ts";
import type { LayerGrid } from "../findings.ts";
import { html, type Markup } from "../markup.ts";

/** What each layer makes of one picture. */
export function activations({ grids, findings: { subject, layers } }: ReportContent): Markup | undefined {
  if (!subject || layers.length === 0) return undefined;
  return html`
    <section id="activations">
      <h2>Layer by layer</h2>
      <p>
        What every layer makes of one picture (<bdi class="file">${subject.name}</bdi>), from shallow to deep. One
        tile is one channel: a filter's answer at every place, each on its own scale. The first layers keep the
        picture and find edges and colours; deep ones are coarse, answer rarely, and stand for parts.
      </p>
      ${colorScale("mean − 2 SD", "mean + 2 SD")}
      ${layers.map((layer, i) => grid(layer, grids[i]!))}
    </section>`;
}

function grid({ layer, grid: { shape, dead } }: LayerGrid, image: string): Markup {
  const [channels, height, width] = shape;
  const silent = dead.length > 0 ? `, ${dead.length} of them the same everywhere (hatched)` : "";
  return html`
    <figure class="grid">
      <figcaption><b>${layer.name}</b> ${counted(channels, "channel")} of ${width}×${height}${silent}</figcaption>
      <div class="scroll" tabindex="0"><img src="${image}" alt="activations of ${layer.name}"></div>
    </figure>`;
}
