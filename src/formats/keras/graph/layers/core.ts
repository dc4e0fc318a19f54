import * as op from "../../../../graph/operators/index.ts";
import { activate } from "../activations.ts";
import { type LayerRule, type LayerRules, only } from "./layer.ts";

/** `x · kernel + bias` over the last axis, kernel `[in, units]`. */
const dense: LayerRule = (call) => {
  const { g, order, settings } = call;
  const x = order.keras(only(call));
  const units = settings.whole("units");
  const kernel = call.weight("kernel", [x.shape!.at(-1) as number, units]);
  const bias = settings.flag("use_bias", true) ? call.weight("bias", [units]) : undefined;
  const flat = x.shape!.length === 2;
  const product = flat ? op.gemm(g, x, kernel, bias) : op.matMul(g, x, kernel);
  const y = bias && !flat ? op.add(g, product, bias) : product;
  return activate(call, order.hold(y), settings.of("activation"));
};

const dropout: LayerRule = (call) => op.dropout(call.g, only(call), call.settings.number("rate", 0));

/** What does something in training alone; weights that it may have are states of its random numbers. */
const passing: LayerRule = (call) => {
  call.skipRest();
  return only(call);
};

const trainingLayers = [
  "ActivityRegularization",
  "AlphaDropout",
  "AugMix",
  "CutMix",
  "GaussianDropout",
  "GaussianNoise",
  "Identity",
  "MixUp",
  "RandAugment",
  "RandomBrightness",
  "RandomColorDegeneration",
  "RandomColorJitter",
  "RandomContrast",
  "RandomElasticTransform",
  "RandomErasing",
  "RandomFlip",
  "RandomGaussianBlur",
  "RandomGrayscale",
  "RandomHeight",
  "RandomHue",
  "RandomInvert",
  "RandomPerspective",
  "RandomPosterization",
  "RandomRotation",
  "RandomSaturation",
  "RandomSharpness",
  "RandomShear",
  "RandomTranslation",
  "RandomWidth",
  "RandomZoom",
  "SpatialDropout1D",
  "SpatialDropout2D",
  "SpatialDropout3D",
  "StochasticDepth",
];

export const coreLayers: LayerRules = {
  ...Object.fromEntries(trainingLayers.map((name) => [name, passing])),
  Activation: (call) => activate(call, only(call), call.settings.of("activation")),
  Dense: dense,
  Dropout: dropout,
};
