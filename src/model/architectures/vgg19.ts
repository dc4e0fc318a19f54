import { type Architecture, architecture } from "../architecture.ts";
import { vgg } from "./blocks/vgg.ts";

/**
 * VGG-19, configuration E of Simonyan and Zisserman 2014, *Very Deep Convolutional Networks for Large-Scale Image Recognition*,
 * table 1: sixteen convolutions and three dense layers. 143,667,240 parameters.
 */
export const vgg19: Architecture = architecture({
  name: "vgg19",
  title: "VGG-19",
  paper: "Simonyan and Zisserman 2014, arXiv:1409.1556",
  size: 224,
  smallest: 32,
  scaled: 256,
  preprocessing: "imagenet",
  head: "classifier.",
  weights: { file: "vgg19-dcbb9e9d.pth", size: 548.051, top1: 72.376 },
  layers: (network, x, scores) => vgg(network, x, scores, [2, 2, 4, 4, 4]),
});
