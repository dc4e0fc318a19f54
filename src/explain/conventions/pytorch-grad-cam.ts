import { resizeMap } from "../../base/resize.ts";
import type { Tensor } from "../../base/tensor.ts";
import type { Convention } from "../convention.ts";
import { each, positive, summed } from "../scaling.ts";

/** After `base_cam.py` and `utils/image.py`, which takes OpenCV's bilinear: half-pixel centres, edges clamped. */
export const pytorchGradCam: Convention = {
  name: "pytorch-grad-cam",
  library: "pytorch-grad-cam 1.5.5",
  options: {
    "grad-cam-plus-plus": { epsilon: 1e-6 },
    "score-cam": { alignment: "corners" },
    "ablation-cam": { relative: true },
    "full-grad": { absolute: true },
  },
  scaling:
    "relu(sum over channels); (x − min) / (1e-7 + max(x − min)); bilinear, half-pixel; (x − min) / (1e-7 + max(x − min))",
  scaled: (values, height, width) => stretched(resizeMap(stretched(positive(summed(values))), height, width)),
};

/** To [0, 1], a little less than 1 at the maximum. */
function stretched(map: Tensor<"float32">): Tensor<"float32"> {
  const least = map.data.reduce((low, value) => Math.min(low, value));
  const range = map.data.reduce((most, value) => Math.max(most, value - least), 0);
  return each(map, (value) => (value - least) / (1e-7 + range));
}
