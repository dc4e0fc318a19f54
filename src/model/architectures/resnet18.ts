import { type Architecture, architecture } from "../architecture.ts";
import { basic, resnet } from "./blocks/resnet.ts";

/** ResNet-18 of He et al. 2015, table 1: eight blocks of two convolutions. 11,689,512 parameters. */
export const resnet18: Architecture = architecture({
  name: "resnet18",
  title: "ResNet-18",
  paper: "He et al. 2015, arXiv:1512.03385",
  size: 224,
  smallest: 1,
  scaled: 256,
  preprocessing: "imagenet",
  head: "fc.",
  weights: { file: "resnet18-f37072fd.pth", size: 44.661, top1: 69.758 },
  layers: (network, x, scores) => resnet(network, x, scores, basic, [2, 2, 2, 2]),
});
