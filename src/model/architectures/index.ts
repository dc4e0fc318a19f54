import type { Network } from "../model.ts";
import { type SmallConvnetOptions, smallConvnet } from "./small-convnet.ts";

export type ArchitectureName = "small-convnet";

/** Networks that can be built by name. */
export const architectures: Readonly<Record<ArchitectureName, (options: SmallConvnetOptions) => Network>> = {
  "small-convnet": smallConvnet,
};
