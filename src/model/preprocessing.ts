import { UserError } from "../base/errors.ts";
import { framed } from "../base/framing.ts";
import type { Picture } from "../base/picture.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import type { InputSpec } from "./model.ts";

/** Which channels a network takes, and in which order; grey is Rec. 601 luma. */
export const channelOrders = ["RGB", "BGR", "grey"] as const;

/** How a pixel's levels, 0…255, become the numbers that a network takes: `(level − mean) / std`, channel by channel. */
export interface Preprocessing {
  /** A preset's, or "custom". */
  readonly name: string;
  readonly order: (typeof channelOrders)[number];
  /** Levels, in that order. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const levels = (parts: readonly number[]): number[] => parts.map((part) => 255 * part);

export type PresetName = "unit" | "tf" | "imagenet" | "caffe" | "raw";

/** The customs of the field, by the name that the command line takes. */
export const presets: Readonly<Record<PresetName, Preprocessing>> = {
  /** [0, 1]. */
  unit: { name: "unit", order: "RGB", mean: [0, 0, 0], std: [255, 255, 255] },
  /** [−1, 1], as Keras calls it. */
  tf: { name: "tf", order: "RGB", mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
  /** Mean 0 and deviation 1 over ImageNet's photos: torchvision's, and most of timm's. */
  imagenet: {
    name: "imagenet",
    order: "RGB",
    mean: levels([0.485, 0.456, 0.406]),
    std: levels([0.229, 0.224, 0.225]),
  },
  /** Blue first, only centred: networks from Caffe, and Keras's VGG and ResNet. */
  caffe: { name: "caffe", order: "BGR", mean: [103.939, 116.779, 123.68], std: [1, 1, 1] },
  /** Levels as they are, for networks that begin with a layer of their own for it. */
  raw: { name: "raw", order: "RGB", mean: [0, 0, 0], std: [1, 1, 1] },
};

/** Who uses which preset, for people who must choose one. */
const presetUses: Readonly<Record<PresetName, string>> = {
  unit: "0…1, RGB: many own networks",
  tf: "−1…1, RGB: Keras's MobileNet, Inception and Xception, Teachable Machine",
  imagenet: "ImageNet's mean and deviation, RGB: torchvision, most of timm",
  caffe: "minus the mean, BGR: Caffe, Keras's VGG and ResNet",
  raw: "0…255, RGB: Keras's EfficientNet, and others that begin with a Rescaling",
};

/** What a preset makes of networks that take one grey channel: its means over the three. */
export function presetFor(name: PresetName, channels: number): Preprocessing {
  const preset = presets[name];
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;
  return channels === 1
    ? { name, order: "grey", mean: [mean(preset.mean)], std: [mean(preset.std)] }
    : preset;
}

/** How pictures of any size become the network's, for people. */
export function framing({ width, height, crop }: InputSpec): string {
  const size = `${width}×${height}`;
  return crop === undefined
    ? `squashed to ${size}`
    : `${size} from the middle ${Number((100 * crop).toFixed(1))}% of the shorter side`;
}

/** How the network's input is made of a picture, for people. */
export function preparation(input: InputSpec): string {
  const { filter = "linear", preprocessing } = input;
  if (!preprocessing) return `${framing(input)}, ${filter} filter`;
  const { name, order, mean, std } = preprocessing;
  const list = (values: readonly number[]): string =>
    (values.every((value) => value === values[0]) ? values.slice(0, 1) : values)
      .map((value) => String(Number(value.toFixed(3))))
      .join(", ");
  return `${name} (${order}, levels minus ${list(mean)}, over ${list(std)}), ${framing(input)}, ${filter} filter`;
}

/** A picture to look at, or a float32 tensor `[C, H, W]` or `[N, C, H, W]` that is already as the network takes it. */
export type Image = Picture | Tensor<"float32">;

/** @throws UserError when the network does not say how pictures become its input, naming the choices */
export function preprocessingOf({ name, preprocessing }: InputSpec): Preprocessing {
  if (preprocessing) return preprocessing;
  const choices = Object.entries(presetUses).map(([preset, use]) => `${preset} (${use})`);
  throw new UserError(
    `The network does not say how pictures become its input "${name}"; choose (--preprocess): ${choices.join("; ")}.`,
  );
}

/**
 * Pictures as the network takes them, `[N, C, H, W]`.
 * @throws UserError when the network does not say how
 */
export function preprocess(input: InputSpec, pictures: readonly Picture[]): Tensor<"float32"> {
  const { width, height, channels } = input;
  const { order, mean, std } = preprocessingOf(input);
  const plane = width * height;
  const data = new Float32Array(pictures.length * channels * plane);
  pictures.forEach((picture, at) => {
    const { data: pixels } = framed(picture, input);
    for (let channel = 0; channel < channels; channel++) {
      const out = (at * channels + channel) * plane;
      const level = levelOf[order](pixels, channel);
      for (let i = 0; i < plane; i++) data[out + i] = (level(3 * i) - mean[channel]!) / std[channel]!;
    }
  });
  return float32([pictures.length, channels, height, width], data);
}

/** Reads a channel's level off the pixel that begins at a place. */
const levelOf: Readonly<
  Record<Preprocessing["order"], (pixels: Uint8Array, channel: number) => (at: number) => number>
> = {
  RGB: (pixels, channel) => (at) => pixels[at + channel]!,
  BGR: (pixels, channel) => (at) => pixels[at + 2 - channel]!,
  grey: (pixels) => (at) => 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!,
};
