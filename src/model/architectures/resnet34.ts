import { type Architecture, architecture } from "../architecture.ts";
import { basic, resnet } from "./blocks/resnet.ts";

/** ResNet-34 of He et al. 2015, table 1: sixteen blocks of two convolutions. 21,797,672 parameters. */
export const resnet34: Architecture = architecture({
  name: "resnet34",
  title: "ResNet-34",
  paper: "He et al. 2015, arXiv:1512.03385",
  size: 224,
  smallest: 1,
  scaled: 256,
  preprocessing: "imagenet",
  head: "fc.",
  weights: { file: "resnet34-b627a593.pth", size: 83.275, top1: 73.314 },
  layers: (network, x, scores) => resnet(network, x, scores, basic, [3, 4, 6, 3]),
});
