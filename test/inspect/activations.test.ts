import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { initializerTensor } from "../../src/graph/graph.ts";
import { activations } from "../../src/inspect/activations.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { Model } from "../../src/model/model.ts";
import { predict, toBatch } from "../../src/model/predict.ts";

const network = smallConvnet({ classes: ["cat", "dog"], size: 20, filters: [4, 6], units: 5, seed: 3 });
const model: Model = { ...network, source: "test", engine: nodeEngine({ threads: 1 }) };
const source = random(5);
const image = picture(
  20,
  20,
  Uint8Array.from({ length: 1200 }, () => source.below(256)),
);

const weights = (name: string): Float32Array =>
  initializerTensor(network.graph.initializers.get(name)!).data as Float32Array;

/** Convolution and ReLU as four loops. */
function convolve(input: Tensor<"float32">, kernel: Float32Array, bias: Float32Array): Tensor<"float32"> {
  const [channels, height, width] = input.shape.slice(-3) as [number, number, number];
  const [h, w] = [height - 2, width - 2];
  const result = new Float32Array(bias.length * h * w);
  bias.forEach((start, filter) => {
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        let sum = start;
        for (let c = 0; c < channels; c++)
          for (let i = 0; i < 9; i++)
            sum +=
              kernel[(filter * channels + c) * 9 + i]! *
              input.data[(c * height + y + Math.floor(i / 3)) * width + x + (i % 3)]!;
        result[(filter * h + y) * w + x] = Math.max(0, sum);
      }
  });
  return float32([bias.length, h, w], result);
}

/** The largest of each 2×2 square, as four loops. */
function pool(input: Tensor<"float32">): Tensor<"float32"> {
  const [channels, height, width] = input.shape as [number, number, number];
  const [h, w] = [Math.floor(height / 2), Math.floor(width / 2)];
  const result: number[] = [];
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        const at = (c * height + 2 * y) * width + 2 * x;
        const square = [at, at + 1, at + width, at + width + 1].map((index) => input.data[index]!);
        result.push(Math.max(...square));
      }
  return float32([channels, h, w], result);
}

function expectClose(actual: Tensor<"float32">, expected: Tensor<"float32">): void {
  expect(actual.shape).toEqual(expected.shape);
  const differences = Array.from(expected.data, (value, i) => Math.abs(value - actual.data[i]!));
  expect(Math.max(...differences)).toBeLessThan(1e-5);
}

describe("activations", () => {
  it("are those of every layer with spatial extent, shallow to deep, as plain loops compute them", async () => {
    const found = await activations(model, image);
    expect(found.map(({ layer }) => layer.name)).toEqual([
      "conv2d",
      "max_pooling2d",
      "conv2d_1",
      "max_pooling2d_1",
    ]);
    const first = convolve(toBatch(model.input, image), weights("conv2d/kernel"), weights("conv2d/bias"));
    expectClose(found[0]!.activation, first);
    expectClose(found[1]!.activation, pool(first));
    const second = convolve(pool(first), weights("conv2d_1/kernel"), weights("conv2d_1/bias"));
    expectClose(found[2]!.activation, second);
    expectClose(found[3]!.activation, pool(second));
  });

  it("are of the layers named, in the order asked, without extent too", async () => {
    const found = await activations(model, image, { layers: ["dense_1", "dense", "conv2d", "dense"] });
    expect(found.map(({ layer, activation }) => [layer.name, activation.shape])).toEqual([
      ["dense_1", [1]],
      ["dense", [5]],
      ["conv2d", [4, 18, 18]],
      ["dense", [5]],
    ]);
    const [, dog] = (await predict(model, image)).sort((a, b) => a.index - b.index);
    expect(found[0]!.activation.data[0]).toBeCloseTo(dog!.logit, 6);
  });

  it("take a preprocessed tensor with or without the batch", async () => {
    const batch = toBatch(model.input, image);
    const options = { layers: ["conv2d_1"] };
    const [fromPicture] = await activations(model, image, options);
    expect(await activations(model, batch, options)).toEqual([fromPicture]);
    expect(await activations(model, float32([3, 20, 20], batch.data), options)).toEqual([fromPicture]);
  });

  it("of a layer that does not exist say which do", async () => {
    await expect(activations(model, image, { layers: ["conv2d", "conv9"] })).rejects.toThrow(
      new UserError(
        'There is no layer "conv9"; the layers are conv2d, max_pooling2d, conv2d_1, max_pooling2d_1, flatten, dropout, dense and dense_1.',
      ),
    );
  });

  it("of several images at once are refused", async () => {
    const two = float32([2, 3, 20, 20], new Float32Array(2 * 1200));
    await expect(activations(model, two)).rejects.toThrow(
      new UserError("Activations are those of one image, not of 2; give one at a time."),
    );
  });
});
