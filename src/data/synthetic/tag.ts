import type { Random } from "../../base/random.ts";
import { type Canvas, paint } from "./canvas.ts";
import { hex } from "./color.ts";
import { place, scene } from "./frame.ts";
import { ellipse, limb, rectangle } from "./shapes.ts";

/** A bright paper tag in the lower right corner, above everything else. */
export function paintTag(on: Canvas, draw: Random): void {
  const at = place(scene, {
    x: on.width / on.scale - 0.09 + draw.uniform(-0.01, 0.01),
    y: on.height / on.scale - 0.08 + draw.uniform(-0.01, 0.01),
    scale: 0.065,
    angle: draw.uniform(-0.2, 0.2),
  });
  paint(on, at, rectangle(0, 0, 1, 0.75, 0.2), { layer: "scenery", color: hex(0xffe14d) });
  paint(on, at, ellipse(-0.62, 0, 0.16, 0.16), { layer: "scenery", color: hex(0x5b4a1a) });
  for (const v of [-0.25, 0.2])
    paint(on, at, limb([-0.2, v, 0.09, 0.7, v, 0.09]), { layer: "scenery", color: hex(0xd23b2f) });
}
