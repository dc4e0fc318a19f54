import type { KerasApplication } from "./application.ts";
import { densenet121 } from "./densenet121.ts";
import { efficientnetB0 } from "./efficientnet-b0.ts";
import { inceptionV3 } from "./inception-v3.ts";
import { mobilenetV2 } from "./mobilenet-v2.ts";
import { resnet } from "./resnet.ts";

/** Networks that Keras builds otherwise than torchvision, by the names that they have among our architectures. */
export const kerasApplications: Readonly<Record<string, KerasApplication>> = {
  resnet50: resnet([3, 4, 6, 3]),
  resnet101: resnet([3, 4, 23, 3]),
  "mobilenet-v2": mobilenetV2,
  densenet121,
  "efficientnet-b0": efficientnetB0,
  "inception-v3": inceptionV3,
};
