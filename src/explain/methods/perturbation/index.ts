import type { Method } from "../../method.ts";
import { extremalPerturbation } from "./extremal-perturbation.ts";
import { featureAblation } from "./feature-ablation.ts";
import { hsic } from "./hsic.ts";
import { kernelShap } from "./kernel-shap.ts";
import { lime } from "./lime.ts";
import { occlusion } from "./occlusion.ts";
import { rise } from "./rise.ts";
import { shapleySampling } from "./shapley-sampling.ts";
import { sobol } from "./sobol.ts";

/** What becomes of the score when parts of the picture are taken away. */
export const perturbation: readonly Method[] = [
  occlusion,
  featureAblation,
  rise,
  lime,
  kernelShap,
  shapleySampling,
  sobol,
  hsic,
  extremalPerturbation,
];
