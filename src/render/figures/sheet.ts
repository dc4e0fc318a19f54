import { mapSize } from "../colormaps.ts";
import { shrinkToFit } from "../scale.ts";
import { type Box, element, type SvgElement, svgDocument } from "../svg.ts";
import { type Fonts, shorten, text } from "../text.ts";
import { type WallInput, type WallTile, wallPicture } from "../wall.ts";
import { badge } from "./badge.ts";
import { counted, said, significant } from "./format.ts";
import { framed } from "./framed.ts";
import { colors, header, headerHeight, label, margin, sizes } from "./theme.ts";

const tile = 160;
const gap = 8;
const heads = 44;
const names = 160;
const rowHeight = tile + 28;

/**
 * Several photos by the same methods as an SVG file: a row a photo, a column a method, the best on average first. Pictures are those of the
 * photos' walls. A place is empty where a method was left out.
 */
export function sheetFigure(walls: readonly WallInput[], fonts: Fonts): string {
  const [first] = walls;
  const columns = methodsIn(walls);
  const place = (column: number): number => margin + names + gap + column * (tile + gap);
  const width = place(columns.length + 1) + margin - gap;
  const measure = first?.measure;
  const title = `${counted(walls.length, "photo")} by ${counted(columns.length, "method")}`;
  const summary = [
    ...(first ? [first.model] : []),
    ...(measure ? [`numbers: ${measure.title}, ${measure.better} is better; above, their mean`] : []),
    "each map in its own range",
  ].join(" · ");
  return svgDocument({
    title,
    description: summary,
    width,
    height: headerHeight + heads + walls.length * rowHeight + margin,
    children: [
      ...header(fonts, title, summary, width),
      ...columns.flatMap(({ tile: { title: name, control }, mean }, at) => {
        const middle = { x: place(at + 1) + tile / 2, anchor: "middle" } as const;
        const words = shorten(fonts.bold, name, sizes.small, tile);
        const number = Number.isNaN(mean) ? "" : significant(mean);
        return [
          text(fonts.bold, words, { ...middle, y: headerHeight + 16, size: sizes.small, fill: colors.ink }),
          label(fonts, control ? `control ${number}`.trimEnd() : number, { ...middle, y: headerHeight + 32 }),
        ];
      }),
      ...walls.flatMap((wall, at) => {
        const y = headerHeight + heads + at * rowHeight;
        const small = shrinkToFit(wall.photo, 1.5 * tile, 1.5 * tile);
        return [
          ...words(wall, y, fonts),
          ...framed(small, { x: place(0), y, width: tile, height: tile }),
          ...columns.flatMap(({ tile: { name } }, column) => {
            const box = { x: place(column + 1), y, width: tile, height: tile };
            const found = wall.tiles.find((one) => one.name === name);
            return found
              ? cell(found, wallPicture(small, found), box, fonts)
              : [element("rect", { ...box, fill: colors.empty })];
          }),
        ];
      }),
    ],
  });
}

interface Column {
  readonly tile: WallTile;
  /** Of its scores. */
  readonly mean: number;
}

/** All methods of the walls, the best mean score first, and those without one last. */
function methodsIn(walls: readonly WallInput[]): Column[] {
  const tiles = walls.flatMap((wall) => wall.tiles);
  const sign = walls[0]?.measure?.better === "lower" ? 1 : -1;
  const place = ({ mean }: Column): number => (Number.isNaN(mean) ? Number.MAX_VALUE : sign * mean);
  return [...new Set(tiles.map(({ name }) => name))]
    .map((name) => {
      const same = tiles.filter((one) => one.name === name);
      const scores = same.flatMap(({ score }) => (Number.isFinite(score) ? [score!] : []));
      return { tile: same[0]!, mean: scores.reduce((sum, score) => sum + score, 0) / scores.length };
    })
    .sort((a, b) => place(a) - place(b));
}

/** The photo's name, and what is explained in it. */
function words({ name, target }: WallInput, y: number, fonts: Fonts): SvgElement[] {
  const line = (content: string, at: number): SvgElement =>
    label(fonts, shorten(fonts.regular, content, sizes.small, names), { x: margin, y: y + 16 + at * 18 });
  return [
    text(fonts.bold, shorten(fonts.bold, target.label, sizes.body, names), {
      ...{ x: margin, y: y + 16, size: sizes.body, fill: colors.ink },
    }),
    line(said(target), 1),
    line(name, 2),
  ];
}

function cell(
  found: WallTile,
  picture: ReturnType<typeof wallPicture>,
  box: Box,
  fonts: Fonts,
): SvgElement[] {
  const { width, height } = mapSize(found.attribution);
  return [
    ...framed(picture, box),
    ...badge(fonts, `${width}×${height}`, { x: box.x + 6, bottom: box.y + tile - 6 }),
    ...(found.score === undefined
      ? []
      : [
          label(fonts, significant(found.score), {
            ...{ x: box.x + tile / 2, y: box.y + tile + 16, anchor: "middle" },
            fill: colors.ink,
          }),
        ]),
  ];
}
