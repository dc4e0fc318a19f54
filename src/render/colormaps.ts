import { listNames, UsageError, UserError } from "../base/errors.ts";
import { type Picture, picture } from "../base/picture.ts";
import type { Tensor } from "../base/tensor.ts";
import { colormapTables } from "./colormap-tables.ts";
import { heatRange, type Range } from "./range.ts";

export type ColormapName = keyof typeof colormapTables | "RdBu_r";

/** A colour for every value in 0…1, as 256 steps. */
export interface Colormap {
  readonly name: ColormapName;
  /** Its middle is neutral and stands for zero: for maps that speak for and against. */
  readonly signed: boolean;
  /** 256 RGB rows, 768 bytes. */
  readonly lut: Uint8Array;
}

/**
 * Every colour map by its name; matplotlib's, perceptually even and safe for colour-blind eyes, but for `jet`, which is neither and here
 * because other tools draw with it. `RdBu_r` is red above zero, as attributions are mostly drawn.
 */
export const colormaps: Readonly<Record<ColormapName, Colormap>> = {
  plasma: fromTable("plasma"),
  viridis: fromTable("viridis"),
  inferno: fromTable("inferno"),
  magma: fromTable("magma"),
  cividis: fromTable("cividis"),
  RdBu: fromTable("RdBu", true),
  RdBu_r: turned("RdBu_r", fromTable("RdBu", true)),
  gray: fromTable("gray"),
  jet: fromTable("jet"),
};

/**
 * The colour map called `name`, for names that people type.
 * @throws UsageError when there is none.
 */
export function colormapNamed(name: string): Colormap {
  if (Object.hasOwn(colormaps, name)) return colormaps[name as ColormapName];
  throw new UsageError(`there is no colormap "${name}"; there are ${listNames(Object.keys(colormaps))}`);
}

function fromTable(name: keyof typeof colormapTables, signed = false): Colormap {
  const hex = colormapTables[name].replace(/\s/g, "");
  const lut = Uint8Array.from({ length: 768 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  return { name, signed, lut };
}

function turned(name: ColormapName, { signed, lut }: Colormap): Colormap {
  return { name, signed, lut: lut.map((_, i) => lut[765 - 3 * Math.floor(i / 3) + (i % 3)]!) };
}

export interface ColorOptions {
  /** Default `plasma`. */
  readonly colormap?: ColormapName;
  /** Default `heatRange` of the map. Values outside take the end's colour. */
  readonly range?: Range;
  /** Percentage of the map's strength beyond the end of that default range. Default 0: it ends at the strongest value. */
  readonly clip?: number;
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
  const [low, high] = options.range ?? heatRange(map, signed, options.clip);
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
