import { type Picture, picture, type Size } from "./picture.ts";
import { type Filter, resizePicture } from "./resize-picture.ts";

/** How a picture of any size is brought to the one that a network takes. */
export interface Framing extends Size {
  /**
   * Keep the aspect, and of the middle as much as fits in this part of the shorter side, above 0 to 1: torchvision's `Resize(256)`,
   * `CenterCrop(224)` is 0.875. Squashed whole to the size unless given.
   */
  readonly crop?: number;
  /** Linear unless given. */
  readonly filter?: Filter;
}

/** The size to which the whole picture is scaled before what lies outside of the frame is cut off. */
export function scaledSize({ width, height }: Size, framing: Framing): Size {
  const { crop } = framing;
  if (crop === undefined) return { width: framing.width, height: framing.height };
  const scale = Math.max(framing.width / crop / width, framing.height / crop / height);
  return {
    width: Math.max(framing.width, Math.round(width * scale)),
    height: Math.max(framing.height, Math.round(height * scale)),
  };
}

/** The picture as `framing` has it; one that was framed to this size is left as it is. */
export function framed(source: Picture, framing: Framing): Picture {
  if (source.framed && source.width === framing.width && source.height === framing.height) return source;
  const { width, height } = scaledSize(source, framing);
  const scaled = resizePicture(source, width, height, framing.filter);
  return { ...cropped(scaled, framing.width, framing.height), framed: true };
}

/** The part of a picture that `framing` keeps, at the picture's own scale: for people to look at. */
export function keptPart(source: Picture, framing: Framing): Picture {
  const scaled = scaledSize(source, framing);
  return cropped(
    source,
    Math.max(1, Math.round((source.width * framing.width) / scaled.width)),
    Math.max(1, Math.round((source.height * framing.height) / scaled.height)),
  );
}

/** The middle of a picture. */
function cropped(source: Picture, width: number, height: number): Picture {
  if (source.width === width && source.height === height) return source;
  const left = Math.round((source.width - width) / 2);
  const top = Math.round((source.height - height) / 2);
  const target = picture(width, height);
  for (let y = 0; y < height; y++) {
    const start = 3 * ((top + y) * source.width + left);
    target.data.set(source.data.subarray(start, start + 3 * width), 3 * y * width);
  }
  return target;
}
