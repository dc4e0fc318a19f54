import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { random } from "../../src/base/random.ts";

/** Shapes by class: easy to tell apart, no two pictures the same. */
export const shapes: readonly string[] = ["disc", "square", "triangle"];

/** A shape of its own colour, size and place on a ground of its own colour. */
export function shapePhoto(shape: string, index: number, width = 48, height = 40): Sharp {
  const { below, uniform } = random(0, "photo", shape, index);
  const color = (): string => `rgb(${below(90) + 20},${below(90) + 20},${below(90) + 20})`;
  const r = uniform(0.2, 0.35) * height;
  const [x, y] = [uniform(r, width - r), uniform(r, height - r)];
  const body = {
    disc: `<circle cx="${x}" cy="${y}" r="${r}" fill="#e8503a"/>`,
    square: `<rect x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}" fill="#3a9be8"/>`,
    triangle: `<path d="M${x} ${y - r}L${x + r} ${y + r}H${x - r}Z" fill="#f0d040"/>`,
  }[shape];
  return sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${color()}"/>${body}</svg>`,
    ),
  );
}

/** Writes a photo for each name, whose first word after the last slash or class folder says the shape. */
export async function writePhotos(folder: string, names: readonly string[]): Promise<string> {
  await Promise.all(
    names.map(async (name, index) => {
      const shape = shapes.find((known) => name.includes(known))!;
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      await shapePhoto(shape, index).flatten().jpeg({ quality: 90 }).toFile(path);
    }),
  );
  return folder;
}

/** `disc/0.jpg`, `disc/1.jpg`, …, `square/0.jpg`, …: a folder per class. */
export function byClass(
  each: number,
  classes: readonly string[] = shapes.slice(0, 2),
  prefix = "",
): string[] {
  return classes.flatMap((shape) =>
    Array.from({ length: each }, (_, index) => `${prefix}${shape}/${index}.jpg`),
  );
}
