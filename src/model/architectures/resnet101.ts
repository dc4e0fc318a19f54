import { type Architecture, architecture } from "../architecture.ts";
import { bottleneck, resnet } from "./blocks/resnet.ts";

/** ResNet-101 of He et al. 2015, table 1: 33 blocks of three convolutions. 44,549,160 parameters. */
export const resnet101: Architecture = architecture({
  name: "resnet101",
  title: "ResNet-101",
  paper: "He et al. 2015, arXiv:1512.03385",
  size: 224,
  smallest: 1,
  scaled: 256,
  preprocessing: "imagenet",
  head: "fc.",
  weights: { file: "resnet101-63fe2227.pth", size: 170.511, top1: 77.374 },
  layers: (network, x, scores) => resnet(network, x, scores, bottleneck, [3, 4, 23, 3]),
});
