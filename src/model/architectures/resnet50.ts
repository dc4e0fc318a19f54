import { type Architecture, architecture } from "../architecture.ts";
import { bottleneck, resnet } from "./blocks/resnet.ts";

/** ResNet-50 of He et al. 2015, table 1: sixteen blocks of three convolutions. 25,557,032 parameters. */
export const resnet50: Architecture = architecture({
  name: "resnet50",
  title: "ResNet-50",
  paper: "He et al. 2015, arXiv:1512.03385",
  size: 224,
  smallest: 1,
  scaled: 256,
  preprocessing: "imagenet",
  head: "fc.",
  weights: { file: "resnet50-0676ba61.pth", size: 97.781, top1: 76.13 },
  layers: (network, x, scores) => resnet(network, x, scores, bottleneck, [3, 4, 6, 3]),
});
