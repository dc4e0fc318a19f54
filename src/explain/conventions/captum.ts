import { float32, type Tensor } from "../../base/tensor.ts";
import type { Convention } from "../convention.ts";
import { dividedBy, each, summed } from "../scaling.ts";

/** What lies beyond this share of all evidence is cut off: `outlier_perc` is 2. */
const KEPT = 0.98;

/** Its attributions are raw; they are scaled when `visualize_image_attr` shows them, by default their magnitudes. */
export const captum: Convention = {
  name: "captum",
  library: "Captum 0.7",
  options: {
    smoothgrad: { samples: 5 },
    "smoothgrad-squared": { samples: 5 },
    vargrad: { samples: 5 },
    "gradient-shap": { samples: 5, noise: 0 },
    "integrated-gradients": { rule: "gauss-legendre", steps: 50 },
    "layer-integrated-gradients": { rule: "gauss-legendre" },
    "layer-internal-influence": { rule: "gauss-legendre" },
    "neuron-conductance": { rule: "riemann-trapezoid" },
    "guided-grad-cam": { interpolation: "nearest" },
    "lrp-epsilon": { epsilon: 1e-9 },
    "lrp-alpha-beta": { alpha: 1, beta: 0 },
    occlusion: { baseline: "zero" },
    "feature-ablation": { baseline: "zero" },
    lime: { baseline: "zero", bandwidth: 1, penalty: "lasso", shrinkage: 0.01 },
    "kernel-shap": { baseline: "zero" },
    "shapley-sampling": { samples: 25, baseline: "zero" },
  },
  scaling:
    "nearest; |sum over channels|, divided by the value up to which the smaller ones make up 98% of the sum; at most 1",
  scaled(values, height, width) {
    const magnitudes = each(enlarged(summed(values), height, width), Math.abs);
    return each(dividedBy(magnitudes, threshold(magnitudes)), (value) => Math.min(1, value));
  },
};

/** As PyTorch's `nearest`, which rounds the corner of a pixel down where `resizeMap` takes its centre. */
function enlarged(map: Tensor<"float32">, height: number, width: number): Tensor<"float32"> {
  const [h, w] = map.shape as [number, number];
  return float32(
    [height, width],
    Float32Array.from({ length: height * width }, (_, at) => {
      const [row, column] = [Math.floor(at / width), at % width];
      return map.data[Math.floor((row * h) / height) * w + Math.floor((column * w) / width)]!;
    }),
  );
}

function threshold({ data }: Tensor<"float32">): number {
  const total = data.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  for (const value of data.toSorted()) {
    sum += value;
    if (sum >= KEPT * total) return value;
  }
  return 0;
}
