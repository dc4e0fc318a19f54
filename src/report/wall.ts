import type { Picture } from "../base/picture.ts";
import { colorize, mapSize } from "../render/colormaps.ts";
import { counted, said, significant, timeTaken } from "../render/figures/format.ts";
import { pngDataUri } from "../render/png.ts";
import { shrinkToFit } from "../render/scale.ts";
import {
  answersOf,
  passesOf,
  type WallInput,
  type WallTile,
  wallClip,
  wallPicture,
  worstToBest,
} from "../render/wall.ts";
import type { Encode } from "./cards.ts";
import { html, type Markup } from "./markup.ts";
import { page } from "./page.ts";
import { wallStyle } from "./wall-style.ts";

/** Of a tile's picture when it is opened, in pixels. */
const largest = 384;

/** Orders that a reader may choose, by what they are called, with what is compared. */
const orders: Readonly<Record<string, (a: WallTile, b: WallTile) => number>> = {
  time: (a, b) => a.seconds - b.seconds,
  passes: (a, b) => a.passes - b.passes,
  name: (a, b) => a.title.localeCompare(b.title, "en"),
};

/**
 * A wall of explanations as one HTML file, without a script: tiles are put in another order by style alone. Pointing at a tile shows the map
 * in its own pixels; following it opens it, with what the method says of itself.
 */
export async function wallPage(input: WallInput, encode: Encode): Promise<string> {
  const photo = shrinkToFit(input.photo, largest, largest);
  const families = [...new Set(input.tiles.map(({ family }) => family))];
  const places = placesIn(input.tiles);
  const shareOf = worstToBest(input);
  const tiles = await Promise.all(
    input.tiles.map(async (tile, at) => {
      const family = 1 + at + families.indexOf(tile.family) * (1 + input.tiles.length);
      const style = [...places[at]!, `--family:${family}`].join(";");
      return tileMarkup(tile, { photo, encode, style, share: shareOf(tile.score) });
    }),
  );
  const heads = families.map(
    (family, at) => html`<h2 class="family" style="order:${at * (1 + input.tiles.length)}">${family}</h2>`,
  );
  return page(
    `Why ${input.target.label}? ${input.name}`,
    wallStyle(["family", ...Object.keys(orders)]),
    html`
    ${header(input, await encode(photo))}
    ${["given", "family", ...Object.keys(orders)].map(
      (order, at) => html`
        <input type="radio" name="order" id="by-${order}" ${at === 0 ? "checked" : ""}>
        <label for="by-${order}">${order === "given" ? (input.measure?.title ?? "as given") : order}</label>`,
    )}
    <div class="wall" id="wall">${heads}${tiles}</div>
    ${
      input.omitted.length > 0
        ? html`
          <h2>Left out</h2>
          <ul>${input.omitted.map(({ title, reason }) => html`<li><b>${title}</b>: ${reason}</li>`)}</ul>`
        : undefined
    }`,
  );
}

/** The place of each tile in each of the orders, as CSS. */
function placesIn(tiles: readonly WallTile[]): string[][] {
  const ranks = Object.entries(orders).map(([name, compare]) => {
    const order = [...tiles.keys()].sort((a, b) => compare(tiles[a]!, tiles[b]!));
    return tiles.map((_, at) => `--${name}:${order.indexOf(at)}`);
  });
  return tiles.map((_, at) => ranks.map((places) => places[at]!));
}

function header(input: WallInput, photo: string): Markup {
  const { name, model, target, measure, tiles } = input;
  const better = measure?.better === "lower" ? "lower is better" : "higher is better";
  return html`
    <header>
      <img class="photo" src="${photo}" alt="">
      <div>
        <h1>Why <bdi>${target.label}</bdi>?</h1>
        <p class="quiet">${counted(tiles.length, "explanation")} of <bdi>${name}</bdi>, by <bdi>${model}</bdi></p>
        <dl class="answers">${answersOf(input).map(
          (answer) => html`
            <dt${answer.isTarget ? html` class="target"` : ""}><bdi>${answer.label}</bdi></dt>
            <dd><i style="width:${(100 * answer.share).toFixed(1)}%"></i></dd>
            <dd>${said(answer)}</dd>`,
        )}</dl>
      </div>
      <ul class="legend">
        <li><i class="heat"></i> what speaks for ${target.label}; nothing where the photo is as it was</li>
        <li><i class="sides"></i> of fine maps, and those with a sign: against it, and for it</li>
        <li>Each map has its own range; its own resolution stands in the corner. Point at a picture to see the map itself, follow it to
          see what it is.</li>
        ${measure && html`<li>Number and bar: ${measure.title}, ${better}. ${measure.summary}</li>`}
        ${
          tiles.some(({ control }) => control)
            ? html`<li>Dashed: controls, which know nothing of what the network sees. What looks or scores like them says as little.</li>`
            : undefined
        }
      </ul>
    </header>`;
}

interface TileContext {
  readonly photo: Picture;
  readonly encode: Encode;
  readonly style: string;
  readonly share: number | undefined;
}

async function tileMarkup(tile: WallTile, { photo, encode, style, share }: TileContext): Promise<Markup> {
  const { name, title, attribution, about, control, signed, remarks } = tile;
  const { width, height } = mapSize(attribution);
  const map = colorize(attribution, { clip: wallClip, colormap: signed ? "RdBu_r" : "plasma" });
  return html`
    <figure class="${control ? "tile control" : "tile"}" id="${name}" style="${style}">
      <a class="views" href="#${name}">
        <img src="${await encode(wallPicture(photo, tile))}" alt="where ${title} sees evidence">
        <img class="map" src="${pngDataUri(map)}" alt="its map">
        <span class="size">${width}×${height}</span>${control ? html`<span class="kind">control</span>` : undefined}
      </a>
      <div class="bar"><i style="width:${(100 * (share ?? 0)).toFixed(1)}%"></i></div>
      <figcaption>
        <b>${title}</b>
        <span><span>${timeTaken(tile.seconds)} · ${passesOf(tile)}</span>${
          tile.score === undefined ? undefined : html`<b>${significant(tile.score)}</b>`
        }</span>
        <bdi>${tile.layer ?? "input"}</bdi>
        ${remarks.map((remark) => html`<span class="warning">${remark}</span>`)}
        <div class="about">
          <p>${about.summary}</p>
          <p><code>${about.formula}</code></p>
          <p>${about.limits}</p>
          <p class="quiet">${about.paper}</p>
          <p><a href="#wall">close</a></p>
        </div>
      </figcaption>
    </figure>`;
}
