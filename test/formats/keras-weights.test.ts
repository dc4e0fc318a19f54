import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { float32 } from "../../src/base/tensor.ts";
import { type KerasLayer, readKerasWeights } from "../../src/formats/keras/weight-file.ts";
import { shared } from "../shared.ts";
import { writeHdf5 } from "./hdf5-file.ts";
import { checkpoint, kerasH5, layerGroups, type Weight } from "./keras-file.ts";

const weight = (name: string, first: number): Weight => ({ name, shape: [2], first });

const numbers = (layers: readonly KerasLayer[]) =>
  layers.map(({ layer, weights }) => [layer, ...weights.map(({ read }) => read().data[0])]);

describe("a file of Keras weights", () => {
  const layers = {
    input: [],
    "fire2/squeeze": [weight("uniform2", 1), weight("fire2/squeeze_b", 2)],
    dense: [weight("dense/kernel:0", 3)],
  };
  const expected = [["input"], ["fire2/squeeze", 1, 2], ["dense", 3]];

  it("has layers in order, with or without the model", () => {
    expect(numbers(readKerasWeights(writeHdf5(layerGroups(layers)), "a.h5"))).toEqual(expected);
    expect(numbers(readKerasWeights(kerasH5({}, layers), "a.h5"))).toEqual(expected);
  });

  it("of Keras 3 has them by name, those of nested models too, or by class and number", () => {
    const file = writeHdf5({
      groups: {
        "layers/conv2d/vars": { attributes: { name: "stem" }, datasets: { 0: { data: Float32Array.of(1) } } },
        "layers/conv2d_10/vars": { datasets: { 0: { data: Float32Array.of(4) } } },
        "layers/conv2d_2/vars": { datasets: { 0: { data: Float32Array.of(3) } } },
        "layers/functional/layers/dense/vars": { datasets: { 0: { data: Float32Array.of(5) } } },
        "layers/input_layer/vars": { attributes: { name: "input" } },
      },
    });
    const named = [
      ["stem", 1],
      ["conv2d_2", 3],
      ["conv2d_10", 4],
      ["dense", 5],
    ];
    expect(numbers(readKerasWeights(file, "a.weights.h5"))).toEqual(named);
  });

  it("may have numbers of half the bytes", () => {
    const path = resolve(import.meta.dirname, "fixtures/superblock-0.h5");
    const [dense] = readKerasWeights(new Uint8Array(readFileSync(path)), path);
    expect(dense!.layer).toBe("dense");
    expect(dense!.weights[0]!.read()).toEqual(float32([2], [1, -3]));
  });

  it("is refused in words when it is none", () => {
    expect(() => readKerasWeights(writeHdf5({ groups: { pictures: {} } }), "a.h5")).toThrow(
      new UserError("a.h5 is an HDF5 file, but not a model of Keras's: it holds pictures."),
    );
    const texts = writeHdf5({
      groups: { layers: {} },
      datasets: { "layers/dense/vars/0": { data: ["one"] } },
    });
    const [dense] = readKerasWeights(texts, "a.h5");
    expect(() => dense!.weights[0]!.read()).toThrow(
      new UserError('a.h5 holds texts as the weight "/layers/dense/vars/0"; save numbers.'),
    );
    expect(readKerasWeights(checkpoint({ "layers/dense/vars": [] }), "a.h5")).toEqual([]);
  });
});

describe.skipIf(!shared)("the weights of SqueezeNet for Keras", () => {
  it("are read in order", () => {
    const name = "squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5";
    const path = `${shared}/models/keras-squeezenet/${name}`;
    const layers = readKerasWeights(new Uint8Array(readFileSync(path)), path);
    const [conv1, squeeze] = layers.filter(({ weights }) => weights.length > 0);
    expect(layers.length).toBe(63);
    expect(conv1!.weights.map(({ name, shape }) => [name, shape])).toEqual([
      ["uniform1", [3, 3, 3, 64]],
      ["conv1_b", [64]],
    ]);
    expect(squeeze!.layer).toBe("fire2/squeeze1x1");
    expect(squeeze!.weights[1]!.read().data.length).toBe(16);
  });
});
