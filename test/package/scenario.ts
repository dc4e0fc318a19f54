import {
  closeModel,
  type Dataset,
  type Engine,
  explain,
  fit,
  noAugmentation,
  optimizers,
  type Picture,
  picture,
  predict,
  random,
  type Sample,
  smallConvnet,
} from "../../src/library.ts";

/** Numbers that must come out the same wherever the library runs. */
export interface Outcome {
  readonly engine: string;
  readonly logits: readonly number[];
  readonly heatmap: readonly number[];
  readonly loss: number;
  /** What one training step added to each tensor: weights, and the optimizer's slots. */
  readonly changes: Readonly<Record<string, readonly number[]>>;
}

const size = 32;
const classes = ["dull", "bright"];

/** Noise, brighter for the second class. */
function draw(name: string, label: number): Picture {
  const source = random(0, name);
  const data = Uint8Array.from({ length: size * size * 3 }, () => source.next() * 128 + label * 127);
  return picture(size, size, data);
}

const samples: readonly Sample[] = ["a", "b", "c", "d"].map((name, at) => ({
  name,
  label: at % 2,
  hash: name,
}));

const dataset: Dataset = {
  source: "noise",
  classes,
  splits: { train: samples, validation: samples, test: [] },
  remarks: [],
  read: async ({ name, label }) => draw(name, label),
};

/** Prediction, Grad-CAM and one training step of a small convnet, through the public calls alone. */
export async function scenario(engine: Engine): Promise<Outcome> {
  const network = smallConvnet({ classes, size, filters: [8, 16], units: 16, seed: 1 });
  const model = { ...network, source: "scenario", engine };
  const image = draw("a", 0);
  const scores = await predict(model, image);
  const { attribution } = await explain(model, image, { method: "grad-cam", target: "bright" });
  await closeModel(model);

  const optimizer = optimizers.rmsprop();
  const { state } = await fit({
    network,
    dataset,
    engine,
    optimizer,
    learningRate: 1e-3,
    epochs: 1,
    batch: samples.length,
    augmentation: noAugmentation,
    seed: 1,
  });
  const before = network.graph.initializers;
  const changes = [...state.tensors].map(([name, { data }]) => {
    const start = before.get(name);
    const old = start ? new Float32Array(start.bytes.slice().buffer) : new Float32Array(data.length);
    return [name, [...data].map((value, at) => value - old[at]!)] as const;
  });
  return {
    engine: engine.description,
    logits: [...scores].sort((a, b) => a.index - b.index).map(({ logit }) => logit),
    heatmap: [...attribution.data],
    loss: state.history[0]!.train.loss,
    changes: Object.fromEntries(changes),
  };
}
