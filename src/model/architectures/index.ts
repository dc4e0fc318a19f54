import type { Architecture } from "../architecture.ts";
import { densenet121 } from "./densenet121.ts";
import { efficientnetB0 } from "./efficientnet-b0.ts";
import { googlenet } from "./googlenet.ts";
import { inceptionV3 } from "./inception-v3.ts";
import { mobilenetV2 } from "./mobilenet-v2.ts";
import { resnet18 } from "./resnet18.ts";
import { resnet34 } from "./resnet34.ts";
import { resnet50 } from "./resnet50.ts";
import { resnet101 } from "./resnet101.ts";
import { smallConvnetArchitecture } from "./small-convnet.ts";
import { squeezenet11 } from "./squeezenet1-1.ts";
import { vgg16 } from "./vgg16.ts";
import { vgg19 } from "./vgg19.ts";

export type ArchitectureName =
  | "small-convnet"
  | "vgg16"
  | "vgg19"
  | "resnet18"
  | "resnet34"
  | "resnet50"
  | "resnet101"
  | "mobilenet-v2"
  | "squeezenet1-1"
  | "densenet121"
  | "efficientnet-b0"
  | "inception-v3"
  | "googlenet";

/** Networks that can be built by name. */
export const architectures: Readonly<Record<ArchitectureName, Architecture>> = {
  "small-convnet": smallConvnetArchitecture,
  vgg16,
  vgg19,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  "mobilenet-v2": mobilenetV2,
  "squeezenet1-1": squeezenet11,
  densenet121,
  "efficientnet-b0": efficientnetB0,
  "inception-v3": inceptionV3,
  googlenet,
};
