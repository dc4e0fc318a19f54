import { UserError } from "../base/errors.ts";
import { type Picture, picture } from "../base/picture.ts";
import type { Tensor } from "../base/tensor.ts";
import { type ColormapName, colormaps } from "./colormaps.ts";
import { enlarge } from "./scale.ts";

/** All channels of one layer side by side. */
export interface ActivationGrid {
  readonly picture: Picture;
  /** Channels of the layer, and height and width of each. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Channels with one value everywhere: nothing to show, hatched in the picture. */
  readonly dead: readonly number[];
  readonly colormap: ColormapName;
}

const channelsPerRow = 16;
const smallestCell = 64;
/** White. */
const separator = 255;
const hatch = [
  [42, 46, 52],
  [84, 90, 98],
] as const;

/**
 * Draws the activations `[C, H, W]` of one layer, 16 channels to a row: each channel minus its mean, divided by its
 * (population) standard deviation, times 64, plus 128, clipped to 0…255 and truncated to a byte, which is the index
 * into the colour map. The recipe is that of Chollet, Deep Learning with Python, 5.4.1, computed in float64; we
 * depart from it in three things: channels are set apart by a thin line, small ones are enlarged by a whole factor to
 * at least 64 pixels, and a dead channel is hatched instead of divided by zero.
 *
 * @throws UserError when the activations are not three-dimensional or hold NaN or infinities.
 */
export function activationGrid(
  activations: Tensor<"float32">,
  options: { readonly colormap?: ColormapName } = {},
): ActivationGrid {
  const [channels, height, width] = activations.shape;
  if (activations.shape.length !== 3 || !channels || !height || !width)
    throw new UserError(
      `activations of shape [${activations.shape.join(", ")}] are no feature maps; choose a layer with [C, H, W]`,
    );
  const colormap = options.colormap ?? "plasma";
  const { lut } = colormaps[colormap];
  const factor = Math.max(1, Math.ceil(smallestCell / Math.max(height, width)));
  const gap = factor > 1 ? 2 : 1;
  const columns = Math.min(channelsPerRow, channels);
  const rows = Math.ceil(channels / channelsPerRow);
  const grid = picture(columns * (width * factor + gap) - gap, rows * (height * factor + gap) - gap);
  grid.data.fill(separator);

  const dead: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const values = activations.data.subarray(channel * height * width, (channel + 1) * height * width);
    const levels = channelLevels(values, channel);
    const cell = picture(width * factor, height * factor);
    if (levels) {
      const small = picture(width, height);
      levels.forEach((level, i) => {
        small.data.set(lut.subarray(3 * level, 3 * level + 3), 3 * i);
      });
      cell.data.set(enlarge(small, factor).data);
    } else {
      dead.push(channel);
      drawHatch(cell);
    }
    paste(
      cell,
      grid,
      (channel % channelsPerRow) * (cell.width + gap),
      Math.floor(channel / channelsPerRow) * (cell.height + gap),
    );
  }
  return { picture: grid, shape: [channels, height, width], dead, colormap };
}

/** The channel as bytes by the recipe, or nothing where all its values are equal. */
function channelLevels(values: Float32Array, channel: number): Uint8Array | undefined {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (!Number.isFinite(mean))
    throw new UserError(`channel ${channel} of the activations holds NaN or infinite values`);
  // Asked of the values, not of the deviation, which rounding may leave a little above zero.
  if (values.every((value) => value === values[0])) return undefined;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
  return Uint8Array.from(values, (value) =>
    Math.max(0, Math.min(255, ((value - mean) / deviation) * 64 + 128)),
  );
}

function drawHatch(cell: Picture): void {
  for (let y = 0; y < cell.height; y++)
    for (let x = 0; x < cell.width; x++)
      cell.data.set(hatch[(x + y) % 12 < 4 ? 1 : 0], 3 * (y * cell.width + x));
}

function paste(source: Picture, target: Picture, left: number, top: number): void {
  for (let y = 0; y < source.height; y++) {
    const row = source.data.subarray(3 * y * source.width, 3 * (y + 1) * source.width);
    target.data.set(row, 3 * ((top + y) * target.width + left));
  }
}
