import {
  closeModel,
  computeFeatures,
  type Dataset,
  type Engine,
  explain,
  fit,
  memoryFeatureStore,
  type Network,
  noAugmentation,
  optimizers,
  type Picture,
  picture,
  predict,
  random,
  type Sample,
  smallConvnet,
  type Tensor,
  transfer,
} from "../../src/library.ts";

/** Numbers that must come out the same wherever the library runs. */
export interface Outcome {
  readonly engine: string;
  readonly logits: readonly number[];
  readonly heatmap: readonly number[];
  readonly loss: number;
  /** What one training step added to each tensor: weights, and the optimizer's slots. */
  readonly changes: Changes;
  /** Of a new head on the network: what it takes of the training pictures, and what its training added to its weights. */
  readonly features: readonly number[];
  readonly head: Changes;
}

type Changes = Readonly<Record<string, readonly number[]>>;

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

/** Prediction, Grad-CAM and one training step of a small convnet, and a new head on it, through the public calls alone. */
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
  return {
    engine: engine.description,
    logits: [...scores].sort((a, b) => a.index - b.index).map(({ logit }) => logit),
    heatmap: [...attribution.data],
    loss: state.history[0]!.train.loss,
    changes: changesOf(network, state.tensors),
    ...(await headOn(network, engine)),
  };
}

/** A new head, trained on what the network makes of the pictures. */
async function headOn(network: Network, engine: Engine): Promise<Pick<Outcome, "features" | "head">> {
  const made = transfer(network, { classes, units: 3, seed: 2 });
  const model = { ...made.network, source: "scenario", engine };
  const value = made.head.input.name;
  const store = memoryFeatureStore();
  const { dataset: known, features } = await computeFeatures({ model, value, dataset, store });
  const { state } = await fit({
    network: made.head,
    dataset: known,
    features,
    engine,
    optimizer: optimizers.sgd(),
    learningRate: 0.1,
    epochs: 3,
    batch: samples.length,
    augmentation: noAugmentation,
    seed: 1,
  });
  return {
    features: samples.flatMap((sample) => [...features.of(sample)]),
    head: changesOf(made.head, state.tensors),
  };
}

/** What training added to each tensor; an optimizer's slots begin as zeros. */
function changesOf({ graph }: Network, tensors: ReadonlyMap<string, Tensor<"float32">>): Changes {
  const changes = [...tensors].map(([name, { data }]) => {
    const start = graph.initializers.get(name);
    const old = start ? new Float32Array(start.bytes.slice().buffer) : new Float32Array(data.length);
    return [name, [...data].map((value, at) => value - old[at]!)] as const;
  });
  return Object.fromEntries(changes);
}
