import { resizeMap } from "../../base/resize.ts";
import type { Convention } from "../convention.ts";
import { dividedBy, largest, positive, summed } from "../scaling.ts";

/**
 * After the examples of Keras's own documentation, Grad-CAM and integrated gradients. These color the map before they enlarge it;
 * it is enlarged as in the book that they come from.
 */
export const keras: Convention = {
  name: "keras",
  library: "Keras's code examples (2021)",
  options: {
    "integrated-gradients": { rule: "trapezoid", steps: 51 },
  },
  scaling: "relu(sum over channels); divided by the maximum; bilinear, half-pixel",
  scaled(values, height, width) {
    const map = positive(summed(values));
    return resizeMap(dividedBy(map, largest(map)), height, width);
  },
};
