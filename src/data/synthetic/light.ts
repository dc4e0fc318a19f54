import type { Random } from "../../base/random.ts";
import { type Color, mix } from "./color.ts";

/** The light of a scene: one soft lamp above, on either side, and the glow of the surroundings. */
export interface Light {
  /** Unit vector towards the lamp: right, down, towards the viewer. */
  readonly direction: readonly [number, number, number];
  /** Factors on the colour of a surface that faces the lamp, and of one that looks away. */
  readonly bright: Color;
  readonly dark: Color;
  /** How far the corners darken, 0 to 1. */
  readonly vignette: number;
  /** 0 (looks away) to 1 (faces the lamp) for a surface whose normal leans (x, y) by `tilt`, 0 flat to 1 edge-on. */
  lit(x: number, y: number, tilt: number): number;
}

export function drawLight(draw: Random): Light {
  const side = draw.uniform(-1, 1);
  const raw = [side, -draw.uniform(0.55, 0.95), 0.75] as const;
  const norm = Math.hypot(...raw);
  const direction = [raw[0] / norm, raw[1] / norm, raw[2] / norm] as const;
  const warmth = draw.next();
  const strength = draw.uniform(1.08, 1.24);
  const tint = mix([0.93, 0.98, 1.08], [1.08, 1, 0.88], warmth);
  const glow = mix([0.56, 0.47, 0.5], [0.44, 0.47, 0.6], warmth);
  const [lx, ly, lz] = direction;
  return {
    direction,
    bright: [tint[0] * strength, tint[1] * strength, tint[2] * strength],
    dark: glow,
    vignette: draw.uniform(0.1, 0.45),
    // Wrapped Lambert: fur scatters light a little beyond the terminator.
    lit(x, y, tilt) {
      const lambert = x * lx + y * ly + Math.sqrt(Math.max(0, 1 - tilt * tilt)) * lz;
      return Math.max(0, lambert * 0.78 + 0.22);
    },
  };
}
