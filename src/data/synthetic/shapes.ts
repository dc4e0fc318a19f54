/** An area as a distance function: negative inside, positive outside, in the shape's own units. */
export interface Shape {
  distance(x: number, y: number): number;
  /** Left, top, right, bottom: nothing of the shape lies outside. */
  readonly box: readonly [number, number, number, number];
}

/** First-order distance to an ellipse: exact on the outline, close near it. */
export function ellipse(cx: number, cy: number, rx: number, ry: number): Shape {
  const fx = 1 / rx;
  const fy = 1 / ry;
  return {
    distance(x, y) {
      const u = (x - cx) * fx;
      const v = (y - cy) * fy;
      const k = Math.sqrt(u * u + v * v);
      const slope = Math.sqrt(u * u * fx * fx + v * v * fy * fy);
      return slope < 1e-9 ? -Math.min(rx, ry) : (k * (k - 1)) / slope;
    },
    box: [cx - rx, cy - ry, cx + rx, cy + ry],
  };
}

export function rectangle(cx: number, cy: number, rx: number, ry: number, corner = 0): Shape {
  return {
    distance(x, y) {
      const u = Math.abs(x - cx) - rx + corner;
      const v = Math.abs(y - cy) - ry + corner;
      const outside = u > 0 && v > 0 ? Math.sqrt(u * u + v * v) : Math.max(u, v);
      return outside - corner;
    },
    box: [cx - rx, cy - ry, cx + rx, cy + ry],
  };
}

/** A rounded stroke along a spine `[x, y, radius, x, y, radius, …]`: limbs, ears, lips, whiskers. */
export function limb(spine: readonly number[]): Shape {
  // Per bone: start, direction, direction over its squared length, radius and its change.
  const bones = new Float64Array((spine.length / 3 - 1) * 8);
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < spine.length; i += 3) {
    const [x, y, r, nextX, nextY, nextR] = spine.slice(i, i + 6) as [
      number,
      number,
      number,
      number?,
      number?,
      number?,
    ];
    box[0] = Math.min(box[0], x - r);
    box[1] = Math.min(box[1], y - r);
    box[2] = Math.max(box[2], x + r);
    box[3] = Math.max(box[3], y + r);
    if (nextX === undefined) break;
    const dx = nextX - x;
    const dy = nextY! - y;
    const squared = dx * dx + dy * dy;
    bones.set([x, y, dx, dy, dx / squared, dy / squared, r, nextR! - r], (i / 3) * 8);
  }
  return {
    distance(x, y) {
      let nearest = Infinity;
      for (let i = 0; i < bones.length; i += 8) {
        const px = x - bones[i]!;
        const py = y - bones[i + 1]!;
        let t = px * bones[i + 4]! + py * bones[i + 5]!;
        t = t < 0 ? 0 : Math.min(t, 1);
        const u = px - bones[i + 2]! * t;
        const v = py - bones[i + 3]! * t;
        const d = Math.sqrt(u * u + v * v) - bones[i + 6]! - bones[i + 7]! * t;
        if (d < nearest) nearest = d;
      }
      return nearest;
    },
    box,
  };
}

/** A closed polygon through `[x, y, x, y, …]`; `rounding` grows it and rounds its corners. */
export function polygon(points: readonly number[], rounding = 0): Shape {
  // Per edge: start, direction, direction over its squared length.
  const edges = new Float64Array(points.length * 3);
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    const dx = points[(i + 2) % points.length]! - x;
    const dy = points[(i + 3) % points.length]! - y;
    const squared = dx * dx + dy * dy;
    edges.set([x, y, dx, dy, dx / squared, dy / squared], i * 3);
    box[0] = Math.min(box[0], x - rounding);
    box[1] = Math.min(box[1], y - rounding);
    box[2] = Math.max(box[2], x + rounding);
    box[3] = Math.max(box[3], y + rounding);
  }
  return {
    distance(x, y) {
      let nearest = Infinity;
      let inside = false;
      for (let i = 0; i < edges.length; i += 6) {
        const px = x - edges[i]!;
        const py = y - edges[i + 1]!;
        const dx = edges[i + 2]!;
        const dy = edges[i + 3]!;
        let t = px * edges[i + 4]! + py * edges[i + 5]!;
        t = t < 0 ? 0 : Math.min(t, 1);
        const u = px - dx * t;
        const v = py - dy * t;
        const squared = u * u + v * v;
        if (squared < nearest) nearest = squared;
        // Even–odd rule: does a ray to the right cross the edge?
        if (py < 0 !== py < dy && (dy > 0 ? px * dy < dx * py : px * dy > dx * py)) inside = !inside;
      }
      return (inside ? -1 : 1) * Math.sqrt(nearest) - rounding;
    },
    box,
  };
}

/** More points along the closed Catmull–Rom curve through `[x, y, x, y, …]`, `pieces` to a span. */
export function curve(points: readonly number[], pieces = 3): number[] {
  const n = points.length;
  return Array.from({ length: n * pieces }, (_, k) => {
    const i = Math.floor(k / 2 / pieces) * 2 + (k & 1);
    const t = ((k >> 1) % pieces) / pieces;
    return catmullRom(points[(i + n - 2) % n]!, points[i]!, points[(i + 2) % n]!, points[(i + 4) % n]!, t);
  });
}

/** More knots along the open Catmull–Rom curve through a limb's spine, `pieces` to a span. */
export function bend(spine: readonly number[], pieces = 3): number[] {
  const last = spine.length - 3;
  const knots = Array.from({ length: last * pieces }, (_, k) => {
    const axis = k % 3;
    const i = Math.floor(k / 3 / pieces) * 3 + axis;
    const t = (Math.floor(k / 3) % pieces) / pieces;
    const before = spine[Math.max(axis, i - 3)]!;
    const after = spine[Math.min(last + axis, i + 6)]!;
    return catmullRom(before, spine[i]!, spine[i + 3]!, after, t);
  });
  return [...knots, ...spine.slice(last)];
}

/** Between b at t = 0 and c at t = 1. */
function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** The shapes as one, their seams melted over about `blend` units. */
export function melt(blend: number, first: Shape, ...others: readonly Shape[]): Shape {
  const all = [first, ...others];
  return {
    distance(x, y) {
      let d = first.distance(x, y);
      for (let i = 0; i < others.length; i++) {
        const e = others[i]!.distance(x, y);
        const gap = Math.abs(d - e);
        if (e < d) d = e;
        if (gap < blend) d -= ((blend - gap) * (blend - gap)) / (4 * blend);
      }
      return d;
    },
    box: [
      Math.min(...all.map((s) => s.box[0])) - blend / 4,
      Math.min(...all.map((s) => s.box[1])) - blend / 4,
      Math.max(...all.map((s) => s.box[2])) + blend / 4,
      Math.max(...all.map((s) => s.box[3])) + blend / 4,
    ],
  };
}

/** What of `shape` lies inside `mask` too. */
export function clip(shape: Shape, mask: Shape): Shape {
  return {
    distance: (x, y) => Math.max(shape.distance(x, y), mask.distance(x, y)),
    box: [
      Math.max(shape.box[0], mask.box[0]),
      Math.max(shape.box[1], mask.box[1]),
      Math.min(shape.box[2], mask.box[2]),
      Math.min(shape.box[3], mask.box[3]),
    ],
  };
}

/** `shape` without what lies inside `hole`. */
export function cut(shape: Shape, hole: Shape): Shape {
  return { distance: (x, y) => Math.max(shape.distance(x, y), -hole.distance(x, y)), box: shape.box };
}
