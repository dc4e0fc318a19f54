/** Where a part of the scene sits: maps its own coordinates (u, v) to the scene's, x = xx u + xy v + x0, y = yx u + yy v + y0. */
export interface Frame {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
  readonly x0: number;
  readonly y0: number;
  /** Scene units per own unit, the geometric mean where stretched. */
  readonly scale: number;
}

/** The scene itself: the shorter side of the picture is 1 long, the origin is the upper left corner. */
export const scene: Frame = { xx: 1, xy: 0, yx: 0, yy: 1, x0: 0, y0: 0, scale: 1 };

export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly scale?: number;
  /** Extra factor on u; negative mirrors. */
  readonly stretch?: number;
  /** Radians, clockwise on screen. */
  readonly angle?: number;
}

/** A frame inside another. */
export function place(parent: Frame, { x, y, scale = 1, stretch = 1, angle = 0 }: Placement): Frame {
  const c = Math.cos(angle) * scale;
  const s = Math.sin(angle) * scale;
  return {
    xx: (parent.xx * c + parent.xy * s) * stretch,
    xy: -parent.xx * s + parent.xy * c,
    yx: (parent.yx * c + parent.yy * s) * stretch,
    yy: -parent.yx * s + parent.yy * c,
    x0: parent.xx * x + parent.xy * y + parent.x0,
    y0: parent.yx * x + parent.yy * y + parent.y0,
    scale: parent.scale * scale * Math.sqrt(Math.abs(stretch)),
  };
}
