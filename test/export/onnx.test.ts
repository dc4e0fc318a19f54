import { join } from "node:path";
import * as native from "onnxruntime-node";
import * as web from "onnxruntime-web/wasm";
import { describe, expect, test } from "vitest";
import { type Framing, framed } from "../../src/base/framing.ts";
import { type Picture, picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { filters } from "../../src/base/resize-picture.ts";
import { float32 } from "../../src/base/tensor.ts";
import { readImage } from "../../src/data/decode.node.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { type ExportOptions, exportModel } from "../../src/export/export.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, Initializer } from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import * as op from "../../src/graph/operators/index.ts";
import { type Adoption, adopt } from "../../src/model/adopt.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { describedNetwork } from "../../src/model/description.ts";
import { conv2d, flatten, globalAveragePooling2d } from "../../src/model/layers/index.ts";
import type { InputSpec, Model, Network } from "../../src/model/model.ts";
import { NetworkBuilder } from "../../src/model/network.ts";
import { openModel } from "../../src/model/open.node.ts";
import { forward, predict } from "../../src/model/predict.ts";
import { type PresetName, preprocess, presetFor, presets } from "../../src/model/preprocessing.ts";
import { shared } from "../shared.ts";

web.env.wasm.numThreads = 1;

const hosts = [
  ["onnxruntime-node", native],
  ["onnxruntime-web", web],
] as const;
type Host = (typeof hosts)[number][1];

const engine = nodeEngine({ threads: 1 });
const { below, next } = random(2, "export");
const noise = (width: number, height: number): Picture =>
  picture(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, () => below(256)),
  );

const modelOf = (network: Network, input: Partial<InputSpec> = {}): Model => ({
  ...network,
  input: { ...network.input, ...input },
  source: "own.onnx",
  engine,
});
const small = (classes: readonly string[], seed = 1): Network =>
  smallConvnet({ classes, size: 20, filters: [8, 8], units: 8, seed });

/** A network that sees grey. */
function grey(): Network {
  const preprocessing = presetFor("imagenet", 1);
  const network = new NetworkBuilder({ name: "x", channels: 1, width: 12, height: 10, preprocessing }, 0);
  const x = conv2d(network, network.input(), { filters: 3, kernel: 3 });
  return network.finish("grey", flatten(network, globalAveragePooling2d(network, x)), ["a", "b", "c"]);
}

/** A network whose logits are the numbers that it is fed. */
function pixels(framing: Framing): Network {
  const network = new NetworkBuilder(
    { name: "image", channels: 3, ...framing, preprocessing: presets.raw },
    0,
  );
  const names = Array.from({ length: 3 * framing.width * framing.height }, (_, at) => `${at}`);
  return network.finish("pixels", flatten(network, network.input()), names);
}

interface Results {
  readonly [name: string]: { readonly dims: readonly number[]; readonly data: ArrayLike<number | string> };
}

async function exported(model: Model, options: ExportOptions = {}): Promise<Uint8Array> {
  const { files, difference } = await exportModel(model, options);
  expect(difference).toBeLessThan(2e-6);
  expect(files.size).toBe(1);
  return [...files.values()][0]!;
}

/** Shows photos to a host that knows nothing of us. */
async function photographed(ort: Host, file: Uint8Array, photos: readonly Picture[]): Promise<Results[]> {
  const session = await (ort as typeof native).InferenceSession.create(file, { logSeverityLevel: 3 });
  const results: Results[] = [];
  for (const { width, height, data } of photos) {
    const photo = new ort.Tensor("uint8", data, [height, width, 3]) as native.Tensor;
    results.push((await session.run({ photo })) as unknown as Results);
  }
  await session.release();
  return results;
}

function expectClose(actual: ArrayLike<number | string>, expected: ArrayLike<number>, within: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs((actual[i] as number) - expected[i]!)).toBeLessThanOrEqual(within);
}

const photos = [noise(20, 20), noise(64, 23), noise(31, 90), noise(7, 9), noise(1, 1)];

describe.each(hosts)("in plain %s", (_, ort) => {
  test.each([
    ["one", 1],
    ["several", 4],
  ])("the network as it is, for %s pictures", async (_, count) => {
    const model = modelOf(small(["ant", "bee", "cow"]));
    const inputs = float32([count, 3, 20, 20], Float32Array.from({ length: count * 1200 }, next));
    const session = await (ort as typeof native).InferenceSession.create(await exported(model));
    const results = (await session.run({
      image: new ort.Tensor("float32", inputs.data, inputs.shape) as native.Tensor,
    })) as unknown as Results;
    await session.release();
    const { logits, probabilities } = await forward(model, inputs);
    expectClose(results.logits!.data, logits.data, 1e-6);
    expectClose(results.probabilities!.data, probabilities!.data, 1e-6);
  });

  const cases: [string, Model][] = [
    ["of two classes", modelOf(small(["cat", "dög"]))],
    ["that sees grey", modelOf(grey())],
    ["that crops", modelOf(small(["ant", "bee", "cow"]), { crop: 0.875 })],
    [
      "that crops and resizes by cubics",
      modelOf(small(["ant", "bee", "cow"]), { crop: 0.7, filter: "cubic" }),
    ],
    ...(Object.keys(presets) as PresetName[]).map((name): [string, Model] => [
      `with ${name}`,
      modelOf(small(["ant", "bee", "cow"]), { preprocessing: presets[name] }),
    ]),
  ];
  test.each(cases)("a network %s takes photos of any size", async (_, model) => {
    const results = await photographed(ort, await exported(model, { withPreprocessing: true }), photos);
    for (const [at, { label, logits, probabilities }] of results.entries()) {
      const scores = await forward(model, preprocess(model.input, [photos[at]!]));
      expectClose(probabilities!.data, scores.probabilities!.data, 1e-5);
      expectClose(logits!.data, scores.logits.data, 1e-5 * Math.max(1, ...scores.logits.data.map(Math.abs)));
      expect([label!.dims, probabilities!.dims]).toEqual([[1], [model.classes.length]]);
      expect(label!.data[0]).toBe((await predict(model, photos[at]!))[0]!.label);
    }
  });

  const sizes = [noise(15, 9), noise(128, 1), noise(128, 33), noise(9, 128), noise(160, 120), noise(2, 3)];
  test.each(filters.flatMap((filter) => [undefined, 1, 0.8].map((crop) => [filter, crop] as const)))(
    "pictures come to their size as outside of graphs, to the level: %s, crop %s",
    async (filter, crop) => {
      const framing = { width: 15, height: 9, filter, ...(crop === undefined ? {} : { crop }) };
      const file = await exported(modelOf(pixels(framing)), { withPreprocessing: true });
      for (const [at, { logits }] of (await photographed(ort, file, sizes)).entries()) {
        const { data } = framed(sizes[at]!, framing);
        const planes = [0, 1, 2].flatMap((channel) => [...data].filter((_, i) => i % 3 === channel));
        expect(Array.from(logits!.data)).toEqual(planes);
      }
    },
  );
});

describe("a network from elsewhere", () => {
  const { graph } = small(["ant", "bee", "cow"]);
  const [image] = graph.inputs;
  const open = async (batch: number | string, adoption: Adoption): Promise<Model> => {
    const input = { ...image!, shape: image!.shape!.with(0, batch) };
    const foreign: Graph = { ...graph, metadata: new Map(), inputs: [input] };
    const read = readOnnx(writeOnnx(foreign), "foreign.onnx");
    return { ...(await adopt(read, "foreign.onnx", engine, adoption)), source: "foreign.onnx", engine };
  };

  test.each([1, "batch"])("is opened again as it was, its batch being %s", async (batch) => {
    const model = await open(batch, { preprocessing: "tf", crop: 0.9, classes: ["x", "y", "z"] });
    const again = readOnnx(await exported(model), "again.onnx");
    const described = await describedNetwork(again, "again.onnx", engine);
    const { input, classes, layers } = model;
    expect(described).toMatchObject({ input, classes, layers });
    const pair = float32([2, 3, 20, 20], Float32Array.from({ length: 2400 }, next));
    const expected = await forward(model, pair);
    const { logits } = await forward(modelOf(described!), pair);
    expectClose(logits.data, expected.logits.data, 1e-6);
  });

  test("takes photos, where it takes one picture at a time too", async () => {
    const model = await open(1, { preprocessing: "imagenet", crop: 0.9 });
    const file = await exported(model, { withPreprocessing: true });
    const [{ label }] = (await photographed(native, file, photos.slice(1))) as [Results];
    expect(label!.data[0]).toBe((await predict(model, photos[1]!))[0]!.label);
    await expect(describedNetwork(readOnnx(file, "photo.onnx"), "photo.onnx", engine)).rejects.toThrow(
      "photo.onnx is for other hosts to run; give the model that it was made from.",
    );
  });

  test("cannot take photos where nobody said how they become its input", async () => {
    await expect(exportModel(await open(1, {}), { withPreprocessing: true })).rejects.toThrow(
      'The network does not say how pictures become its input "image"; choose (--preprocess): unit (',
    );
  });
});

test("a network that gives maps instead of scores is written as it is, but takes no photos", async () => {
  const g = new GraphBuilder();
  const maps = op.averagePool(g, g.input("x", "float32", ["N", 3, 8, 8]), [2, 2], { strides: [2, 2] });
  const read = readOnnx(writeOnnx(g.finish("features", { maps })), "features.onnx");
  const network = await adopt(read, "features.onnx", engine, { preprocessing: "unit" });
  const model: Model = { ...network, source: "features.onnx", engine };
  const { outputs, difference } = await exportModel(model);
  expect([outputs.map(({ name }) => name), difference]).toEqual([["maps"], 0]);
  await expect(exportModel(model, { withPreprocessing: true })).rejects.toThrow(
    'The network gives "maps" [1, 3, 4, 4]; a network that gives one row of class scores is needed.',
  );
});

test("a format that there is not is named, with the one that is spelt most like it", async () => {
  await expect(exportModel(modelOf(small(["a", "b"])), { format: "onxx" })).rejects.toThrow(
    /^There is no format "onxx"; the formats are onnx\b/,
  );
});

test("weights that no single file holds are not asked for", async () => {
  const network = small(["a", "b"]);
  const [name] = [...network.graph.initializers.keys()] as [string];
  const large: Initializer = {
    name,
    dtype: "float32",
    shape: [700e6],
    get bytes(): Uint8Array {
      throw new Error("asked for");
    },
  };
  const initializers = new Map(network.graph.initializers).set(name, large);
  const model = modelOf({ ...network, graph: { ...network.graph, initializers } });
  await expect(exportModel(model)).rejects.toThrow(
    "The network has 2.8 GB of weights, and one ONNX file holds less than 2.1 GB; use the model that you have, its data beside it.",
  );
});

describe.skipIf(!shared)("published networks on real photos", () => {
  test.each([
    ["squeezenet1.1.onnx", "imagenet", 0.875],
    ["tiny-vgg-tfjs", "unit", 1],
  ] as const)("%s", async (name, preprocessing, crop) => {
    const model = await openModel(join(shared!, "models", name), { preprocessing, crop });
    const images = await Promise.all(
      ["dogs.png", "cat.jpeg", "horses.jpg"].map(async (photo) => {
        const path = join(shared!, "photos", photo);
        return (await readImage(path)) as Picture;
      }),
    );
    const results = await photographed(native, await exported(model, { withPreprocessing: true }), images);
    for (const [at, { probabilities }] of results.entries()) {
      const scores = await forward(model, preprocess(model.input, [images[at]!]));
      expectClose(probabilities!.data, scores.probabilities!.data, 1e-5);
    }
  });
});
