import type { Ruleset } from "../rule.ts";
import { activations } from "./activations.ts";
import { attentions } from "./attention.ts";
import { batchNormalization } from "./batch-normalization.ts";
import { blocked } from "./blocked.ts";
import { convolution } from "./convolution.ts";
import { einsums } from "./einsum.ts";
import { elementwise } from "./elementwise.ts";
import { fusedActivations } from "./fused-activation.ts";
import { gated } from "./gated.ts";
import { gathering } from "./gathering.ts";
import { gridSampling } from "./grid-sample.ts";
import { layerNormalizations } from "./layer-normalization.ts";
import { maxPooling } from "./max-pooling.ts";
import { meanPooling } from "./mean-pooling.ts";
import { movement } from "./movement.ts";
import { normalizations } from "./normalization.ts";
import { padding } from "./padding.ts";
import { products } from "./products.ts";
import { quantization } from "./quantization.ts";
import { reductions } from "./reductions.ts";
import { resizing } from "./resize.ts";
import { scattering } from "./scattering.ts";
import { slicing } from "./slicing.ts";
import { steps } from "./steps.ts";
import { trigonometry } from "./trigonometry.ts";
import { vectorNormalizations } from "./vector-normalization.ts";

/** The exact gradient rule of every operator that has one. */
export const rules: Ruleset = {
  ...activations,
  ...attentions,
  ...batchNormalization,
  ...blocked,
  ...convolution,
  ...einsums,
  ...elementwise,
  ...fusedActivations,
  ...gated,
  ...gathering,
  ...gridSampling,
  ...layerNormalizations,
  ...maxPooling,
  ...meanPooling,
  ...movement,
  ...normalizations,
  ...padding,
  ...products,
  ...quantization,
  ...reductions,
  ...resizing,
  ...scattering,
  ...slicing,
  ...steps,
  ...trigonometry,
  ...vectorNormalizations,
};
