import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { writeSafetensors } from "../../src/formats/safetensors.ts";
import { type Initializer, initializerTensor } from "../../src/graph/graph.ts";
import { activations } from "../../src/inspect/activations.ts";
import { architectures } from "../../src/model/architectures/index.ts";
import type { Network } from "../../src/model/model.ts";
import { openWeights } from "../../src/model/weights/open.node.ts";
import { writeHdf5 } from "../formats/hdf5-file.ts";
import { shared } from "../shared.ts";

const desk = mkdtempSync(join(tmpdir(), "convscope-weights-"));
afterAll(() => rmSync(desk, { recursive: true }));

type Tensors = Map<string, Tensor>;

function put(name: string, tensors: ReadonlyMap<string, Tensor>): string {
  writeFileSync(join(desk, name), writeSafetensors(tensors));
  return join(desk, name);
}

const namesOf = ({ layers }: Network): string[] =>
  layers.flatMap(({ parameters, statistics = [] }) => [...parameters, ...statistics]);

/** A state dict of the network's own names and shapes, every number its place in the whole. */
function stateDict(network: Network): Tensors {
  let next = 0;
  return new Map(
    namesOf(network).map((name) => {
      const { shape } = network.graph.initializers.get(name)!;
      const size = shape.reduce((a, b) => a * b, 1);
      return [
        name,
        float32(
          shape,
          Float32Array.from({ length: size }, () => next++ % 1021),
        ),
      ];
    }),
  );
}

const numbers = (constant: Initializer | undefined): number[] =>
  Array.from(initializerTensor(constant!).data as Float32Array);

const squeezenet = architectures["squeezenet1-1"];
const mobilenet = architectures["mobilenet-v2"];
const dict = (): Tensors => stateDict(squeezenet.build());

test("parameters are counted as they were published", () => {
  const counts: Record<string, number> = {
    vgg16: 138_357_544,
    vgg19: 143_667_240,
    resnet18: 11_689_512,
    resnet34: 21_797_672,
    resnet50: 25_557_032,
    resnet101: 44_549_160,
    "mobilenet-v2": 3_504_872,
    "squeezenet1-1": 1_235_496,
    densenet121: 7_978_856,
    "efficientnet-b0": 5_288_548,
    "inception-v3": 23_834_568,
    googlenet: 6_624_904,
  };
  for (const [name, count] of Object.entries(counts)) {
    const { graph, layers } = architectures[name as keyof typeof architectures].build();
    const sizes = layers.flatMap(({ parameters }) =>
      parameters.map((key) => graph.initializers.get(key)!.shape.reduce((a, b) => a * b, 1)),
    );
    expect(
      sizes.reduce((a, b) => a + b),
      name,
    ).toBe(count);
  }
});

describe("torchvision's names", () => {
  test("every weight stands where the file says, and what serves training alone is passed over", () => {
    const tensors = stateDict(mobilenet.build());
    const counter: Tensor = { dtype: "int64", shape: [], data: BigInt64Array.of(7n) };
    const path = put(
      "mobilenet.safetensors",
      new Map([...tensors, ["features.0.1.num_batches_tracked", counter]]),
    );
    const { network, fresh } = openWeights(mobilenet, path);
    expect(fresh).toEqual([]);
    for (const [name, { data }] of tensors)
      expect(numbers(network.graph.initializers.get(name)), name).toEqual([...(data as Float32Array)]);
    expect(tensors.get("features.1.conv.0.0.weight")!.shape).toEqual([32, 1, 3, 3]);
    expect(tensors.get("classifier.1.weight")!.shape).toEqual([1000, 1280]);
  });

  test("a prefix that DataParallel leaves on all of them is taken off", () => {
    const tensors = new Map([...dict()].map(([name, tensor]) => [`module.${name}`, tensor]));
    const { network } = openWeights(squeezenet, put("parallel.safetensors", tensors));
    expect(numbers(network.graph.initializers.get("features.0.bias"))).toEqual([
      ...(dict().get("features.0.bias")!.data as Float32Array),
    ]);
  });
});

test("timm's names", () => {
  const ours = new Map([
    ["conv_stem.weight", "features.0.0.weight"],
    ["bn1.running_var", "features.0.1.running_var"],
    ["blocks.0.0.conv_dw.weight", "features.1.conv.0.0.weight"],
    ["blocks.0.0.bn2.bias", "features.1.conv.2.bias"],
    ["blocks.1.0.conv_pw.weight", "features.2.conv.0.0.weight"],
    ["blocks.1.0.conv_pwl.weight", "features.2.conv.2.weight"],
    ["blocks.6.0.bn3.running_mean", "features.17.conv.3.running_mean"],
    ["conv_head.weight", "features.18.0.weight"],
    ["classifier.weight", "classifier.1.weight"],
  ]);
  const tensors = stateDict(mobilenet.build());
  const expected = new Map([...ours.values()].map((name) => [name, tensors.get(name)!.data as Float32Array]));
  for (const [timm, name] of ours) {
    tensors.set(timm, tensors.get(name)!);
    tensors.delete(name);
  }
  const { network } = openWeights(mobilenet, put("timm.safetensors", tensors));
  for (const [name, data] of expected)
    expect(numbers(network.graph.initializers.get(name)), name).toEqual([...data]);
});

describe("other classes", () => {
  test("two share one score, the second's over the first's", () => {
    const tensors = dict();
    const head = float32(
      [2, 512, 1, 1],
      Float32Array.from({ length: 1024 }, (_, at) => at ** 2),
    );
    tensors.set("classifier.1.weight", head).set("classifier.1.bias", float32([2], [3, 10]));
    const path = put("two.safetensors", tensors);
    const { network } = openWeights(squeezenet, path, { classes: ["cat", "dog"] });
    expect(numbers(network.graph.initializers.get("classifier.1.bias"))).toEqual([7]);
    expect(numbers(network.graph.initializers.get("classifier.1.weight")).slice(0, 3)).toEqual([
      512 ** 2,
      513 ** 2 - 1,
      514 ** 2 - 4,
    ]);
  });

  test("a head that the file lacks is drawn, if that is asked for", () => {
    const tensors = new Map([...dict()].filter(([name]) => !name.startsWith("classifier.")));
    const path = put("headless.safetensors", tensors);
    expect(() => openWeights(squeezenet, path)).toThrow(
      /headless\.safetensors has no "classifier\.1\.weight", nor 1 more of the 52 weights of squeezenet1-1; it was saved without its classifier; take it for the rest \(--fresh-head\)\.$/,
    );
    expect(openWeights(squeezenet, path, { freshHead: true, classes: ["a", "b", "c"] }).fresh).toEqual([
      "classifier.1.weight",
      "classifier.1.bias",
    ]);
  });
});

describe("what does not fit is named", () => {
  test("a weight, with both shapes", () => {
    const tensors = dict().set("features.3.squeeze.weight", float32([16, 32, 1, 1], new Float32Array(512)));
    expect(() => openWeights(squeezenet, put("other.safetensors", tensors))).toThrow(
      '"features.3.squeeze.weight" is [16, 64, 1, 1] in squeezenet1-1 but [16, 32, 1, 1] in',
    );
  });

  test("classes, by their number", () => {
    const path = put("imagenet.safetensors", dict());
    expect(() => openWeights(squeezenet, path, { classes: ["a", "b", "c"] })).toThrow(
      /is \[3, 512, 1, 1\] in squeezenet1-1 but \[1000, 512, 1, 1\] in .*; name its 1000 classes/,
    );
  });

  test("weights that the network has not", () => {
    const tensors = dict().set("features.20.weight", float32([1], [1]));
    expect(() => openWeights(squeezenet, put("larger.safetensors", tensors))).toThrow(
      /holds features\.20\.weight, which squeezenet1-1 has not; is it another architecture's\?$/,
    );
  });

  test("a file that is not there, or none of weights", () => {
    expect(() => openWeights(squeezenet, join(desk, "missing.pth"))).toThrow(
      /missing\.pth cannot be read: there is no/,
    );
    writeFileSync(join(desk, "text.pth"), "hello");
    expect(() => openWeights(squeezenet, join(desk, "text.pth"))).toThrow(
      /text\.pth is not a whole safetensors/,
    );
  });
});

describe("Keras's VGG16", () => {
  const kernel = (shape: number[], first = 0) => ({
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => (first + at) % 8191),
    shape,
  });
  const file = (layers: Record<string, number[]>) =>
    writeHdf5({
      attributes: { layer_names: Object.keys(layers) },
      groups: Object.fromEntries(
        Object.entries(layers).map(([layer, shape]) => [
          layer,
          {
            attributes: { weight_names: [`${layer}_W_1:0`, `${layer}_b_1:0`] },
            datasets: { [`${layer}_W_1:0`]: kernel(shape), [`${layer}_b_1:0`]: kernel([shape.at(-1)!]) },
          },
        ]),
      ),
    });
  const widths = [3, 64, 128, 256, 512, 512];
  const convolutions = Object.fromEntries(
    [2, 2, 3, 3, 3].flatMap((depth, block) =>
      Array.from({ length: depth }, (_, at) => [
        `block${block + 1}_conv${at + 1}`,
        [3, 3, at === 0 ? widths[block]! : widths[block + 1]!, widths[block + 1]!],
      ]),
    ),
  );

  test("without its top: kernels turned to ours, pictures as Caffe prepares them", () => {
    const path = join(desk, "notop.h5");
    writeFileSync(path, file(convolutions));
    const { network, fresh } = openWeights(architectures.vgg16, path, { freshHead: true });
    expect(fresh).toHaveLength(6);
    expect(network.input.preprocessing).toMatchObject({ name: "caffe", order: "BGR" });
    const first = numbers(network.graph.initializers.get("features.0.weight"));
    // [out, in, h, w] from [h, w, in, out].
    const at = (out: number, channel: number, y: number, x: number) => ((out * 3 + channel) * 3 + y) * 3 + x;
    for (const [out, channel, y, x] of [
      [0, 0, 0, 0],
      [63, 2, 2, 2],
      [5, 1, 0, 2],
    ] as const)
      expect(first[at(out, channel, y, x)]).toBe(((y * 3 + x) * 3 + channel) * 64 + out);
    expect(() => openWeights(architectures.vgg19, path)).toThrow(/vgg19/);
    expect(() => openWeights(architectures.resnet18, path)).toThrow(
      /notop\.h5 is a file of Keras's, which has no resnet18 of its own; save the whole model from Keras/,
    );
  });

  test("with its top: the first dense layer goes over channels first", () => {
    const path = join(desk, "top.h5");
    const layers = { ...convolutions, fc1: [25_088, 4096], fc2: [4096, 4096], predictions: [4096, 10] };
    writeFileSync(path, file(layers));
    const classes = Array.from({ length: 10 }, (_, at) => `class ${at}`);
    const { network } = openWeights(architectures.vgg16, path, { classes });
    const dense = initializerTensor(network.graph.initializers.get("classifier.0.weight")!);
    expect(dense.shape).toEqual([4096, 25_088]);
    for (const [unit, channel, place] of [
      [0, 0, 0],
      [4095, 511, 48],
      [17, 300, 9],
    ] as const)
      expect(dense.data[unit * 25_088 + channel * 49 + place]).toBe(
        ((place * 512 + channel) * 4096 + unit) % 8191,
      );
  }, 60_000);
});

test.skipIf(!shared)(
  "SqueezeNet for Keras: features as its layers written out in PyTorch, in float64",
  async () => {
    const name = "squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5";
    const path = `${shared}/models/keras-squeezenet/${name}`;
    const { network, fresh } = openWeights(squeezenet, path, { freshHead: true });
    expect(fresh).toEqual(["classifier.1.weight", "classifier.1.bias"]);
    expect(network.input.preprocessing).toMatchObject({ name: "caffe", order: "BGR" });
    const ramp = float32(
      [3, 224, 224],
      Float32Array.from({ length: 3 * 224 * 224 }, (_, at) => (at % 97) - 48),
    );
    const model = { ...network, source: path, engine: nodeEngine() };
    const [last] = await activations(model, ramp, { layers: ["features.12.cat"] });
    const { shape, data } = last!.activation;
    expect(shape).toEqual([512, 13, 13]);
    for (const [place, value] of [
      [1703, 8.9597233],
      [15_317, 13.260892],
      [31_172, 5.5243559],
      [51_264, 32.6166717],
      [58_151, 78.5056751],
    ] as const)
      expect(data[place]! / value, `${place}`).toBeCloseTo(1, 4);
    expect(data.reduce((sum, value) => sum + value, 0) / 44_747.6906).toBeCloseTo(1, 5);
  },
);
