import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { UsageError, UserError } from "../../src/base/errors.ts";
import { random } from "../../src/base/random.ts";
import { float32, int64, type Tensor } from "../../src/base/tensor.ts";
import { readImage } from "../../src/data/decode.node.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { compileExplanation } from "../../src/explain/compile.ts";
import { explain, explainBatch } from "../../src/explain/explain.ts";
import { gradients } from "../../src/explain/gradients.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { type Attributes, type Graph, ints, type Shape, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { activations } from "../../src/inspect/activations.ts";
import { type Adoption, adopt } from "../../src/model/adopt.ts";
import { imagenetClasses } from "../../src/model/imagenet.ts";
import type { Model } from "../../src/model/model.ts";
import { openModel } from "../../src/model/open.node.ts";
import { forward, predict } from "../../src/model/predict.ts";
import { shared } from "../shared.ts";

const engine = nodeEngine();

function values(seed: string, shape: readonly number[]): Tensor<"float32"> {
  const source = random(1, seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return float32(
    shape,
    Float32Array.from({ length: size }, () => source.uniform(-1, 1)),
  );
}

interface Foreign {
  /** Of the input. */
  readonly name?: string;
  readonly input?: Shape;
  readonly channelsLast?: boolean;
  /** What comes after `[N, classes]` logits. */
  readonly end?: (g: GraphBuilder, logits: Value) => Record<string, Value>;
  readonly classes?: number;
  /** The shape that features are flattened to before the last layer. */
  readonly flat?: (g: GraphBuilder, x: Value) => Value;
}

/** A small convnet as an exporter might leave it: its own names, one convolution, a mean, a dense layer. */
function foreign({
  name = "x",
  input = ["batch", 3, 8, 6],
  channelsLast = false,
  classes = 3,
  end = (_, logits) => ({ logits }),
  flat = (g, x) => op.flatten(g, x),
}: Foreign = {}): Graph {
  const g = new GraphBuilder();
  const image = g.input(name, "float32", input);
  let x = channelsLast ? op.transpose(g, image, [0, 3, 1, 2]) : image;
  x = op.relu(g, op.conv(g, x, g.initializer("block.conv.weight", values("w", [4, 3, 3, 3]))));
  x = flat(g, op.globalAveragePool(g, x));
  const dense = g.initializer("head.weight", values("d", [classes, 4]));
  return g.finish("foreign", end(g, op.gemm(g, x, dense, undefined, { transB: true })));
}

async function adopted(graph: Graph, options?: Adoption): Promise<Model> {
  return { ...(await adopt(graph, "foreign.onnx", engine, options)), source: "foreign.onnx", engine };
}

const pictures = values("pictures", [3, 3, 8, 6]);
const row = (n: number): Tensor<"float32"> =>
  float32([1, 3, 8, 6], pictures.data.slice(n * 144, (n + 1) * 144));

const expectClose = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expect(actual[i]).toBeCloseTo(expected[i]!, 5);
};

describe("scores", () => {
  test("a graph that ends in logits gets probabilities", async () => {
    const model = await adopted(foreign());
    const { logits, probabilities } = await forward(model, row(0));
    const exp = [...logits.data].map(Math.exp);
    const total = exp.reduce((a, b) => a + b);
    expectClose(
      probabilities!.data,
      exp.map((value) => value / total),
    );
    expect(model.classes).toEqual(["class 0", "class 1", "class 2"]);
  });

  test.each<[string, (g: GraphBuilder, logits: Value) => Record<string, Value>]>([
    ["a softmax", (g, logits) => ({ prob: op.softmax(g, logits) })],
    ["a log-softmax", (g, logits) => ({ logits: op.logSoftmax(g, logits) })],
    [
      "a softmax over channels, then a reshape",
      (g, logits) => {
        const maps = op.unsqueeze(g, logits, [2, 3]);
        return { probabilities: op.squeeze(g, op.softmax(g, maps, 1), [2, 3]) };
      },
    ],
    ["a softmax called logits", (g, logits) => ({ logits: op.softmax(g, logits) })],
  ])("%s at the end is looked behind", async (_, end) => {
    const plain = await forward(await adopted(foreign()), row(0));
    const scores = await forward(await adopted(foreign({ end })), row(0));
    expectClose(scores.logits.data, plain.logits.data);
    expectClose(scores.probabilities!.data, plain.probabilities!.data);
  });

  test("a batch that is squeezed away when it is one is there all the same", async () => {
    const squeezed = (g: GraphBuilder, logits: Value) => ({
      y: g.node({ op: "Squeeze", inputs: [logits], outputs: [{ dtype: "float32", shape: undefined }] })[0]!,
    });
    const model = await adopted(foreign({ end: squeezed }));
    const plain = await adopted(foreign());
    const alone = await forward(model, row(0));
    expect(alone.logits.shape).toEqual([1, 3]);
    expectClose(alone.logits.data, (await forward(plain, row(0))).logits.data);
    expectClose((await forward(model, pictures)).logits.data, (await forward(plain, pictures)).logits.data);
    expectClose((await explain(model, row(0))).raw.data, (await explain(plain, row(0))).raw.data);
  });

  test("one sigmoid is two classes, several are as many", async () => {
    const sigmoid = (g: GraphBuilder, logits: Value) => ({ p: op.sigmoid(g, logits) });
    const two = await forward(await adopted(foreign({ classes: 1, end: sigmoid })), row(0));
    expect(two.logits.shape).toEqual([1, 1]);
    const p = 1 / (1 + Math.exp(-two.logits.data[0]!));
    expectClose(two.probabilities!.data, [1 - p, p]);
    const three = await forward(await adopted(foreign({ end: sigmoid })), row(0));
    expectClose(
      three.probabilities!.data,
      [...three.logits.data].map((logit) => 1 / (1 + Math.exp(-logit))),
    );
  });

  test("class names: as given, ImageNet's, or numbered", async () => {
    const classes = ["ant", "bee", "cow"];
    expect((await adopted(foreign(), { classes })).classes).toEqual(classes);
    expect((await adopted(foreign({ classes: 1000 }))).classes[207]).toBe("golden retriever");
    expect((await adopted(foreign({ classes: 1001 }))).classes.slice(0, 2)).toEqual(["background", "tench"]);
    expect(new Set(imagenetClasses).size).toBe(1000);
    await expect(adopted(foreign(), { classes: ["ant"] })).rejects.toThrow(
      "foreign.onnx has 3 classes, not the 1 that were named.",
    );
  });

  test("of two outputs the one with as many scores as there are names", async () => {
    const graph = foreign({ end: (g, logits) => ({ features: op.concat(g, [logits, logits], 1), logits }) });
    const first = await adopted(graph);
    expect(first.classes).toHaveLength(6);
    expect(first.guessed).toEqual({ output: "features", others: ["logits"] });
    const model = await adopted(graph, { classes: ["ant", "bee", "cow"] });
    expect(model.guessed).toBeUndefined();
    const same = foreign({
      end: (g, logits) => ({ probabilities: op.softmax(g, logits), logits: op.identity(g, logits) }),
    });
    expect((await adopted(same)).guessed).toBeUndefined();
    const pair = foreign({
      classes: 1,
      end: (g, z) => ({ z, both: op.concat(g, [op.sigmoid(g, op.neg(g, z)), op.sigmoid(g, z)], 1) }),
    });
    expect((await adopted(pair)).guessed).toBeUndefined();
    const plain = await adopted(foreign());
    expectClose((await forward(model, row(0))).logits.data, (await forward(plain, row(0))).logits.data);
    await expect(adopted(graph, { classes: ["ant"] })).rejects.toThrow("has 6 classes, not the 1");
  });

  test("a map from names to scores gives both", async () => {
    const mapped = (labels: Attributes): Graph =>
      foreign({
        end(g, logits) {
          const [map] = g.node({
            op: "ZipMap",
            domain: "ai.onnx.ml",
            inputs: [op.softmax(g, logits)],
            attributes: labels,
            outputs: [{ dtype: "float32", shape: undefined }],
          });
          return { label: op.argMax(g, logits, 1), loss: map! };
        },
      });
    const names = ["ant", "bee", "cow"];
    const model = await adopted(mapped({ classlabels_strings: { type: "strings", value: names } }));
    expect(model.classes).toEqual(names);
    const [plain, scores] = [await forward(await adopted(foreign()), row(0)), await forward(model, row(0))];
    expectClose(scores.logits.data, plain.logits.data);
    expectClose(scores.probabilities!.data, plain.probabilities!.data);
    const counted = await adopted(mapped({ classlabels_int64s: ints([7, 8, 9]) }));
    expect(counted.classes).toEqual(["7", "8", "9"]);
  });
});

describe("input", () => {
  test("channels last are taken as ours, channels first", async () => {
    const last = await adopted(foreign({ channelsLast: true, input: ["batch", 8, 6, 3] }));
    expect(last.input).toEqual({ name: "x", channels: 3, width: 6, height: 8 });
    const first = await adopted(foreign());
    expectClose((await forward(last, pictures)).logits.data, (await forward(first, pictures)).logits.data);
    const [a, b] = [await explain(last, row(1)), await explain(first, row(1))];
    expectClose(a.raw.data, b.raw.data);
  });

  test("a side that is left free is 224, or as said", async () => {
    const graph = foreign({ input: ["batch", 3, "h", "w"] });
    expect((await adopted(graph)).input).toMatchObject({ width: 224, height: 224 });
    expect((await adopted(graph, { size: 10 })).input).toMatchObject({ width: 10, height: 10 });
    await expect(adopted(foreign(), { size: 10 })).rejects.toThrow(
      new UsageError("foreign.onnx takes pictures of 6×8 and no other; leave the size out."),
    );
  });

  test("what takes no picture is refused", async () => {
    await expect(adopted(foreign({ input: [1, 3, 8] }))).rejects.toThrow();
    const g = new GraphBuilder();
    const sum = op.add(g, g.input("a", "float32", [1, 3]), g.input("b", "float32", [1, 3]));
    await expect(adopted(g.finish("sum", { sum }))).rejects.toThrow(
      "foreign.onnx takes 2 inputs (a, b); a network that takes one picture is needed.",
    );
  });

  test("what gives no scores has layers, activations and gradients all the same, and nothing that needs classes", async () => {
    const g = new GraphBuilder();
    const weight = g.initializer("block.conv.weight", values("w", [4, 3, 3, 3]));
    const maps = op.relu(g, op.conv(g, g.input("x", "float32", ["batch", 3, 8, 6]), weight));
    const graph = g.finish("maps", { maps });
    const model = await adopted(graph);
    expect(model.classes).toEqual([]);
    expect(model.layers.map(({ type }) => type)).toEqual(["Conv2D", "ReLU"].slice(-model.layers.length));
    const [layer] = await activations(model, row(0), { layers: ["-1"] });
    expect(layer!.activation.shape).toEqual([4, 6, 4]);
    const of = model.layers.at(-1)!.name;
    const slope = (await gradients(model, row(0), { of })).get("input")!;
    const step = 1e-2;
    const sumAt = async (move: number): Promise<number> => {
      const moved = row(0);
      moved.data[50]! += move;
      const [after] = await activations(model, moved, { layers: [of] });
      return after!.activation.data.reduce((a, b) => a + b);
    };
    expect(((await sumAt(step)) - (await sumAt(-step))) / (2 * step)).toBeCloseTo(slope.data[50]!, 2);

    const refused =
      'foreign.onnx gives "maps" [1, 4, 6, 4]; a network that gives one row of class scores is needed.';
    await expect(predict(model, row(0))).rejects.toThrow(refused);
    await expect(explain(model, row(0))).rejects.toThrow(refused);
    await expect(gradients(model, row(0))).rejects.toThrow(refused);
    await expect(compileExplanation(model)).rejects.toThrow(refused);
    await expect(adopted(graph, { classes: ["a", "b"] })).rejects.toThrow(refused);
  });

  test("levels as whole numbers that are cast first are real ones, and so have a gradient", async () => {
    const graph = foreign();
    const g = new GraphBuilder({
      ...graph,
      inputs: [],
      nodes: [],
      values: new Map([...graph.values].filter(([name]) => name !== "x")),
    });
    g.rename(op.cast(g, g.input("levels", "uint8", ["batch", 3, 8, 6]), "float32"), "x");
    for (const node of graph.nodes) g.append(node);
    const model = await adopted(g.finish("levels", { logits: g.value("logits") }));
    const plain = await adopted(graph);
    expectClose((await forward(model, row(0))).logits.data, (await forward(plain, row(0))).logits.data);
    const [slope, expected] = [await gradients(model, row(0)), await gradients(plain, row(0))];
    expectClose(slope.get("input")!.data, expected.get("input")!.data);
  });

  test("of several pictures at a time, or of more pixels than anyone has, is refused", async () => {
    await expect(adopted(foreign({ input: [4, 3, 8, 6] }))).rejects.toThrow(
      new UserError(
        "foreign.onnx takes 4 pictures at a time, no more and no fewer; export it for one, or for any number.",
      ),
    );
    await expect(adopted(foreign({ input: [1, 3, 2 ** 24, 2 ** 24] }))).rejects.toThrow(
      new UserError(
        "foreign.onnx would take pictures of 16777216×16777216, more than 32 million pixels; give a smaller size, or export it for one.",
      ),
    );
    await expect(adopted(foreign({ input: [1, 3, "h", "w"] }), { size: 100_000 })).rejects.toThrow(UserError);
  });

  test("without a preprocessing it takes tensors, and pictures only once one is chosen", async () => {
    const picture = { width: 6, height: 8, data: new Uint8Array(144).fill(255) };
    await expect(predict(await adopted(foreign()), picture)).rejects.toThrow(
      /^The network does not say how pictures become its input "x"; choose \(--preprocess\): unit \(.*caffe \(.*\); raw \(.*\)\.$/,
    );
    const model = await adopted(foreign(), { preprocessing: "tf" });
    const ones = float32([1, 3, 8, 6], new Float32Array(144).fill(1));
    expectClose(
      (await predict(model, picture)).map(({ logit }) => logit),
      (await predict(model, ones)).map(({ logit }) => logit),
    );
  });
});

test("what ONNX Runtime does not take or cannot run is the file's fault", async () => {
  const behind = (op: string, inputs: (g: GraphBuilder) => readonly Value[]) =>
    adopted(
      foreign({
        flat: (g, x) =>
          g.node({ op, inputs: [x, ...inputs(g)], outputs: [{ dtype: "float32", shape: undefined }] })[0]!,
      }),
    );
  const failing = behind("Reshape", (g) => [g.constant(int64([2], [3, -1]))]);
  const unknown = behind("Fooify", () => []);
  for (const model of [failing, unknown]) await expect(model).rejects.toThrow(UserError);
  await expect(failing).rejects.toThrow(
    /^foreign\.onnx cannot be run \(ONNX Runtime: .*Reshape.*\); export it again, or give another size if it leaves that free\.$/,
  );
  await expect(unknown).rejects.toThrow(/No Op registered for Fooify/);
});

test.each(["logits", "probabilities", "target", "raw", "heatmap"])(
  "a value may be called %s",
  async (name) => {
    const expected = await explain(await adopted(foreign()), row(0), { target: 1 });
    const ending = (value: string) => (_: GraphBuilder, logits: Value) => ({ [value]: logits });
    for (const graph of [foreign({ name, end: ending("y") }), foreign({ end: ending(name) })]) {
      const model = await adopted(graph);
      expectClose((await explain(model, row(0), { target: 1 })).raw.data, expected.raw.data);
      const compiled = await compileExplanation(model);
      const names = compiled.graph.outputs.map((value) => value.name);
      expect(names).toEqual(["logits", "probabilities", "raw", "heatmap"]);
    }
  },
);

describe("batches", () => {
  /** Flattened by a shape written down for one picture. */
  const fixed = (shape: number[]) => (g: GraphBuilder, x: Value) =>
    op.reshape(g, op.slice(g, x, [1], [0], [4]), shape);

  test.each<[string, Foreign, boolean]>([
    ["a free batch", {}, true],
    ["one picture, and a shape that begins with 1", { input: [1, 3, 8, 6], flat: fixed([1, 4]) }, true],
    [
      "one picture, and pictures that are mixed",
      {
        input: [1, 3, 8, 6],
        flat: (g, x) => op.reduceSum(g, op.reshape(g, x, [1, 4]), [0], true),
      },
      false,
    ],
  ])("%s: each picture as it is alone", async (_, options) => {
    const model = await adopted(foreign(options));
    const together = await forward(model, pictures);
    const explained = await explainBatch(model, pictures, { target: 1 });
    for (let n = 0; n < 3; n++) {
      const alone = await forward(model, row(n));
      expectClose(together.logits.data.slice(3 * n, 3 * n + 3), alone.logits.data);
      expectClose(explained[n]!.raw.data, (await explain(model, row(n), { target: 1 })).raw.data);
    }
  });
});

test("layers go by the names of their makers", async () => {
  const model = await adopted(foreign());
  expect(model.layers.map(({ name, type }) => [name, type])).toEqual([
    ["block.conv", "Conv2D"],
    ["Relu", "ReLU"],
    ["GlobalAveragePool", "GlobalAveragePooling2D"],
    ["Flatten", "Flatten"],
    ["head", "Dense"],
  ]);
  const [convolved] = await activations(model, row(0), { layers: ["block.conv"] });
  expect(convolved!.activation.shape).toEqual([4, 6, 4]);
});

describe.skipIf(!shared)("networks with their ImageNet weights", () => {
  const at = (path: string): string => join(shared ?? "", path);
  const part = async (model: Model, photo: string): Promise<Record<string, number>> => {
    const scores = await predict(model, await readImage(at(`photos/${photo}`)));
    return Object.fromEntries(scores.map(({ label, probability }) => [label, probability]));
  };

  test("GoogLeNet sees both animals, and looks at the one that it is asked for", async () => {
    const model = await openModel(at("models/googlenet-bvlc.onnx"), {
      preprocessing: "caffe",
      filter: "cubic",
    });
    const both = await part(model, "both.png");
    const known = { "tiger cat": 0.177, tabby: 0.146, "bull mastiff": 0.133, boxer: 0.104 };
    for (const [label, probability] of Object.entries(known))
      expect(Math.abs(both[label]! - probability), label).toBeLessThan(0.01);
    expect(Math.abs((await part(model, "dogs.png")).malamute! - 0.559)).toBeLessThan(0.01);

    const photo = await readImage(at("photos/both.png"));
    const rowOfPeak = async (target: string): Promise<number> => {
      const { raw, layer } = await explain(model, photo, { target });
      expect(layer?.name).toBe("inception_5b/output");
      expect(raw.shape).toEqual([7, 7]);
      return Math.floor(raw.data.indexOf(Math.max(...raw.data)) / 7);
    };
    // The dog sits above, the cat lies below.
    expect(await rowOfPeak("boxer")).toBeLessThanOrEqual(2);
    expect(await rowOfPeak("tabby")).toBeGreaterThanOrEqual(4);
  });

  test("SqueezeNet sees the dog, its pools rounding up as its file says", async () => {
    const model = await openModel(at("models/squeezenet1.1.onnx"), {
      preprocessing: "caffe",
      filter: "cubic",
    });
    // By a forward pass in PyTorch of the same photo, resized by Pillow.
    const both = await part(model, "both.png");
    for (const [label, probability] of Object.entries({ boxer: 0.551, "bull mastiff": 0.378 }))
      expect(Math.abs(both[label]! - probability), label).toBeLessThan(0.01);
  });
});
