import type { Picture } from "../base/picture.ts";
import type { Answer } from "../evaluate/answers.ts";
import type { Explanation } from "../explain/explanation.ts";
import { colorize } from "../render/colormaps.ts";
import { pngDataUri } from "../render/png.ts";
import { overlay } from "../render/renderings/overlay.ts";
import type { Example } from "./findings.ts";

/** An example with its pictures as `data:` URIs, ready for the page. */
export interface Card {
  readonly judgement: Answer;
  readonly photo: string;
  readonly views: readonly View[];
}

/** One explanation of a card's picture. */
export interface View {
  readonly explanation: Explanation;
  /** The map in its own pixels. */
  readonly heatmap: string;
  readonly overlay: string;
  /** The value of the last colour, in units of the logit; the first is 0. 0 where there is no evidence at all. */
  readonly most: number;
}

/** Makes a picture a `data:` URI. */
export type Encode = (picture: Picture) => Promise<string>;

/** The maps of one picture share one scale, so that their strengths can be compared. */
export async function card({ judgement, photo, explanations }: Example, encode: Encode): Promise<Card> {
  const maps = explanations.map(({ evidence }) => evidence);
  const most = Math.max(...maps.flatMap((map) => Array.from(map.data)));
  const range = [0, most || 1] as const;
  const views = maps.map(async (map, i) => ({
    explanation: explanations[i]!,
    heatmap: pngDataUri(colorize(map, { range })),
    overlay: await encode(overlay(photo, map, { range })),
    most,
  }));
  return { judgement, photo: await encode(photo), views: await Promise.all(views) };
}
