import type { Method } from "../../method.ts";
import { blurIg } from "./blur-ig.ts";
import { deconvnet } from "./deconvnet.ts";
import { expectedGradients } from "./expected-gradients.ts";
import { gradientShap } from "./gradient-shap.ts";
import { guidedBackprop } from "./guided-backprop.ts";
import { guidedIg } from "./guided-ig.ts";
import { inputXGradient } from "./input-x-gradient.ts";
import { integratedGradients } from "./integrated-gradients.ts";
import { layerActivation } from "./layer-activation.ts";
import { layerConductance } from "./layer-conductance.ts";
import { layerGradientXActivation } from "./layer-gradient-x-activation.ts";
import { layerIntegratedGradients } from "./layer-integrated-gradients.ts";
import { layerInternalInfluence } from "./layer-internal-influence.ts";
import { neuronConductance } from "./neuron-conductance.ts";
import { redirectedRelu } from "./redirected-relu.ts";
import { saliency } from "./saliency.ts";
import { smoothgrad } from "./smoothgrad.ts";
import { smoothgradSquared } from "./smoothgrad-squared.ts";
import { vargrad } from "./vargrad.ts";
import { xrai } from "./xrai.ts";

/** The gradient of the score by the input or a layer, and what is made of it along paths and under noise. */
export const gradient: readonly Method[] = [
  saliency,
  inputXGradient,
  integratedGradients,
  expectedGradients,
  gradientShap,
  blurIg,
  guidedIg,
  xrai,
  smoothgrad,
  smoothgradSquared,
  vargrad,
  guidedBackprop,
  deconvnet,
  redirectedRelu,
  layerActivation,
  layerGradientXActivation,
  layerIntegratedGradients,
  layerConductance,
  layerInternalInfluence,
  neuronConductance,
];
