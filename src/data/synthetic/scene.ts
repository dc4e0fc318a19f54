import { type Picture, picture } from "../../base/picture.ts";
import { random } from "../../base/random.ts";
import { type Animal, brush, drawPose, headShape } from "./animal.ts";
import { paintBackground } from "./background.ts";
import { paintBody } from "./body.ts";
import { type Canvas, canvas, paint } from "./canvas.ts";
import { drawCat } from "./cat.ts";
import { drawCoat } from "./coat.ts";
import { drawDog } from "./dog.ts";
import { paintEyes, paintTongue } from "./face.ts";
import { drawLight } from "./light.ts";
import { speck } from "./noise.ts";
import { paintClutter, paintCover } from "./props.ts";
import { paintTag } from "./tag.ts";

/** Class names in label order. */
export const species = ["cat", "dog"] as const;

export interface Recipe {
  readonly seed: number;
  /** Together with the seed decides everything but the class: pose, fur, light, surroundings. */
  readonly name: string;
  /** 0 cat, 1 dog. */
  readonly label: 0 | 1;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Plants a bright tag in the lower right corner, for a network to fall for. */
  readonly shortcut?: boolean;
}

export interface Masks {
  /** `[H, W]`, 1 where the pixel shows a part that tells the classes apart: ears, muzzle with the nose, whiskers. */
  readonly parts: Uint8Array;
  /** `[H, W]`, 1 where the pixel shows the animal. */
  readonly animal: Uint8Array;
}

/**
 * Draws one picture and the truth about it. The same recipe gives the same bytes; the two labels of one recipe
 * give twins that differ in their telling parts alone.
 */
export function drawAnimal(recipe: Recipe): Masks & { readonly picture: Picture } {
  const { seed, name, label, width, height, shortcut = false } = recipe;
  const draw = (what: string) => random(seed, "picture", name, what);
  const on = canvas(width, height, drawLight(draw("light")));
  paintBackground(on, draw("background"));
  paintClutter(on, draw("clutter"));

  const animal: Animal = { on, coat: drawCoat(draw("coat")), ...drawPose(draw("pose"), on) };
  const { coat, head } = animal;
  const tells = (label === 0 ? drawCat : drawDog)(animal, draw("tells"));
  paintBody(animal, draw("body"));
  tells.behindHead();
  const skull = headShape(draw("head"));
  paint(on, head, skull, { layer: "animal", color: coat.fur, round: 0.6 });
  brush(on, head, skull, draw("hairs"), 420);
  paintEyes(animal, draw("eyes"));
  tells.chin();
  paintTongue(animal, draw("tongue"));
  tells.overHead();

  paintCover(on, draw("cover"));
  if (shortcut) paintTag(on, draw("tag"));
  return {
    picture: develop(on),
    parts: threshold(on.parts),
    animal: threshold(on.animal),
  };
}

function threshold(cover: Float32Array): Uint8Array {
  const mask = new Uint8Array(cover.length);
  for (let i = 0; i < mask.length; i++) mask[i] = cover[i]! >= 0.5 ? 1 : 0;
  return mask;
}

/** From the canvas to bytes: vignette, a soft shoulder for what is overexposed, a little grain. */
function develop(on: Canvas): Picture {
  const { width, height, color, light } = on;
  const result = picture(width, height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const u = (x / width) * 2 - 1;
      const v = (y / height) * 2 - 1;
      const far = u * u + v * v;
      const gain = 1 - light.vignette * 0.25 * far * Math.sqrt(far);
      const grain = (speck(x, y) - 0.5) * 0.025;
      for (let c = 0; c < 3; c++, i++) {
        const value = color[i]! * gain + grain;
        const soft = value > 0.8 ? 0.8 + (value - 0.8) / (1 + (value - 0.8) * 2) : value;
        result.data[i] = 255 * Math.min(1, Math.max(0, soft)) + 0.5;
      }
    }
  return result;
}
