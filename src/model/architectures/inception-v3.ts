import { type Architecture, architecture } from "../architecture.ts";
import { dense, dropout, flatten, globalAveragePooling2d, maxPooling2d } from "../layers/index.ts";
import { inceptionConvolution } from "./blocks/inception.ts";
import { moduleA, moduleB, moduleC, moduleD, moduleE } from "./blocks/inception-modules.ts";

/**
 * Inception-v3 of Szegedy et al. 2015, *Rethinking the Inception Architecture for Computer Vision*, table 1, without the auxiliary
 * classifier, which serves training alone. 23,834,568 parameters. The published weights were trained on levels in [−1, 1].
 */
export const inceptionV3: Architecture = architecture({
  name: "inception-v3",
  title: "Inception-v3",
  paper: "Szegedy et al. 2015, arXiv:1512.00567",
  size: 299,
  smallest: 75,
  scaled: 342,
  preprocessing: "tf",
  head: "fc.",
  weights: { file: "inception_v3_google-0cc3c7bd.pth", size: 103.903, top1: 77.294 },
  layers(network, x, scores) {
    x = inceptionConvolution(network, x, "Conv2d_1a_3x3", { filters: 32, kernel: 3, stride: 2 });
    x = inceptionConvolution(network, x, "Conv2d_2a_3x3", { filters: 32, kernel: 3 });
    x = inceptionConvolution(network, x, "Conv2d_2b_3x3", { filters: 64, kernel: 3, padding: "half" });
    x = maxPooling2d(network, x, 3, { stride: 2, name: "maxpool1" });
    x = inceptionConvolution(network, x, "Conv2d_3b_1x1", { filters: 80, kernel: 1 });
    x = inceptionConvolution(network, x, "Conv2d_4a_3x3", { filters: 192, kernel: 3 });
    x = maxPooling2d(network, x, 3, { stride: 2, name: "maxpool2" });
    for (const [name, pooled] of Object.entries({ Mixed_5b: 32, Mixed_5c: 64, Mixed_5d: 64 }))
      x = moduleA(network, x, name, pooled);
    x = moduleB(network, x, "Mixed_6a");
    for (const [name, inner] of Object.entries({
      Mixed_6b: 128,
      Mixed_6c: 160,
      Mixed_6d: 160,
      Mixed_6e: 192,
    }))
      x = moduleC(network, x, name, inner);
    x = moduleD(network, x, "Mixed_7a");
    x = moduleE(network, moduleE(network, x, "Mixed_7b"), "Mixed_7c");
    x = dropout(network, globalAveragePooling2d(network, x, "avgpool"), 0.5, "dropout");
    return dense(network, flatten(network, x, "flatten"), { units: scores, name: "fc" });
  },
});
