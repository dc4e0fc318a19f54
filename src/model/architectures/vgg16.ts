import { type Architecture, architecture } from "../architecture.ts";
import { vgg } from "./blocks/vgg.ts";

/**
 * VGG-16, configuration D of Simonyan and Zisserman 2014, *Very Deep Convolutional Networks for Large-Scale Image Recognition*,
 * table 1: thirteen convolutions and three dense layers. 138,357,544 parameters.
 */
export const vgg16: Architecture = architecture({
  name: "vgg16",
  title: "VGG-16",
  paper: "Simonyan and Zisserman 2014, arXiv:1409.1556",
  size: 224,
  smallest: 32,
  scaled: 256,
  preprocessing: "imagenet",
  head: "classifier.",
  weights: { file: "vgg16-397923af.pth", size: 527.796, top1: 71.592 },
  layers: (network, x, scores) => vgg(network, x, scores, [2, 2, 3, 3, 3]),
});
