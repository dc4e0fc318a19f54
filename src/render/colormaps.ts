import { listNames, UsageError, UserError } from "../base/errors.ts";
import { type Picture, picture } from "../base/picture.ts";
import type { Tensor } from "../base/tensor.ts";
import { colormapTables } from "./colormap-tables.ts";

export type ColormapName = keyof typeof colormapTables;

/** A colour for every value in 0…1, as 256 steps. */
export interface Colormap {
  readonly name: ColormapName;
  /** Its middle is neutral and stands for zero: for maps that speak for and against. */
  readonly signed: boolean;
  /** 256 RGB rows, 768 bytes. */
  readonly lut: Uint8Array;
}

const signedNames: readonly ColormapName[] = ["RdBu"];

/** Every colour map by its name; matplotlib's, perceptually even and safe for colour-blind eyes. */
export const colormaps: Readonly<Record<ColormapName, Colormap>> = Object.fromEntries(
  Object.entries(colormapTables).map(([key, table]) => {
    const name = key as ColormapName;
    const hex = table.replace(/\s/g, "");
    const lut = Uint8Array.from({ length: 768 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
    return [name, { name, signed: signedNames.includes(name), lut }];
  }),
) as Record<ColormapName, Colormap>;

/**
 * The colour map called `name`, for names that people type.
 * @throws UsageError when there is none.
 */
export function colormapNamed(name: string): Colormap {
  if (Object.hasOwn(colormaps, name)) return colormaps[name as ColormapName];
  throw new UsageError(`there is no colormap "${name}"; there are ${listNames(Object.keys(colormaps))}`);
}

/** The values that become the first and the last colour. */
export type Range = readonly [low: number, high: number];

export interface ColorOptions {
  /** Default `plasma`. */
  readonly colormap?: ColormapName;
  /** Default `heatRange` of the map. Values outside take the end's colour. */
  readonly range?: Range;
}

/**
 * The range a map is shown in unless asked otherwise: 0 to its maximum, or for a signed colour map symmetric about 0.
 * A map without positive values (signed: without any) gets 0…1 (−1…1), so it looks as empty as it is, never stretched.
 */
export function heatRange(map: Tensor<"float32">, signed: boolean): Range {
  let extreme = 0;
  for (const value of map.data) extreme = Math.max(extreme, signed ? Math.abs(value) : value);
  if (extreme === 0) extreme = 1;
  return [signed ? -extreme : 0, extreme];
}

/** Offset into a colour map's `lut` for a value in 0…1: index `min(255, floor(256 · v))`, as matplotlib picks it. */
export function colorOffset(value: number): number {
  return 3 * Math.max(0, Math.min(255, Math.floor(256 * value)));
}

/**
 * A map `[H, W]` (or `[1, H, W]`, …) in colours, one pixel a value.
 * @throws UserError when the map holds NaN or infinities, or is no single map.
 */
export function colorize(map: Tensor<"float32">, options: ColorOptions = {}): Picture {
  const { width, height } = mapSize(map);
  const { lut, signed } = colormaps[options.colormap ?? "plasma"];
  const [low, high] = options.range ?? heatRange(map, signed);
  const result = picture(width, height);
  map.data.forEach((value, i) => {
    const offset = colorOffset((value - low) / (high - low));
    result.data.set(lut.subarray(offset, offset + 3), 3 * i);
  });
  return result;
}

/**
 * Width and height of a map to be shown.
 * @throws UserError when it has more than one channel, or values that no colour stands for.
 */
export function mapSize(map: Tensor<"float32">): { width: number; height: number } {
  const [height, width] = map.shape.slice(-2);
  if (!height || !width || height * width !== map.data.length)
    throw new UserError(
      `a map of shape [${map.shape.join(", ")}] cannot be shown as one picture; give one channel, [H, W]`,
    );
  if (!map.data.every(Number.isFinite))
    throw new UserError(
      "the map holds NaN or infinite values, which have no colour; look where they come from",
    );
  return { width, height };
}
