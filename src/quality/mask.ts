import type { Picture } from "../base/picture.ts";
import type { InputSpec } from "../model/model.ts";
import { toBatch } from "../model/predict.ts";
import { presetFor } from "../model/preprocessing.ts";

/** A picture of where the evidence lies as a mask `[H, W]` of the network's input: 1 where it is lighter than mid-grey. */
export function maskOf(input: InputSpec, picture: Picture): Uint8Array {
  const { channels, height, width } = input;
  const { data } = toBatch({ ...input, preprocessing: presetFor("raw", channels) }, picture);
  return Uint8Array.from(data.subarray(0, height * width), (level) => (level > 127.5 ? 1 : 0));
}
