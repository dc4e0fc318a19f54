import { listNames } from "../base/errors.ts";
import type { Augmentation } from "../data/augment.ts";
import { counted, percent } from "../render/figures/format.ts";

/** A whole number with thousands set apart: `3,453,121`. */
export function whole(value: number): string {
  return value.toLocaleString("en-US");
}

/** How each training picture is changed at random, or nothing where it is left as it is. */
export function augmentationPhrase(augmentation: Augmentation): string | undefined {
  const { rotation, widthShift, heightShift, shear, zoom, horizontalFlip } = augmentation;
  const shifts = [
    widthShift ? `${percentOf(widthShift)} sideways` : "",
    heightShift ? `${percentOf(heightShift)} up or down` : "",
  ].filter(Boolean);
  const parts = [
    rotation ? `turned by up to ${rotation}°` : "",
    shifts.length > 0 ? `shifted by up to ${shifts.join(" and ")}` : "",
    shear ? `sheared by up to ${shear}°` : "",
    zoom ? `stretched or shrunk by up to ${percentOf(zoom)}` : "",
    horizontalFlip ? "mirrored every other time" : "",
  ].filter(Boolean);
  return parts.length > 0 ? listNames(parts) : undefined;
}

/** A loss with four decimals; a dash where it was not measured. */
export function lossText(loss: number): string {
  return Number.isFinite(loss) ? loss.toFixed(4) : "–";
}

/** A share without needless decimals: `20%`, `12.5%`. */
export function percentOf(share: number): string {
  return percent(share).replace(".0%", "%");
}

/** `467 of 500 pictures`. */
export function outOf(correct: number, n: number): string {
  return `${whole(correct)} of ${n === 1 ? counted(n, "picture") : `${whole(n)} pictures`}`;
}
