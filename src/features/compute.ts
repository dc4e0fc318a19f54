import { UserError } from "../base/errors.ts";
import { type Tensor, zeros } from "../base/tensor.ts";
import { withoutBroken } from "../data/broken.ts";
import { type Dataset, type Sample, splitNames } from "../data/dataset.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { mapParallel, type Progress } from "../data/parallel.ts";
import { extract, type Graph, staticShapeAfterBatch } from "../graph/graph.ts";
import { precededBy } from "../graph/preceded.ts";
import type { InputSpec, Model, Network } from "../model/model.ts";
import { preprocessingOf } from "../model/preprocessing.ts";
import { preprocessed } from "../model/preprocessing-graph.ts";
import { closeModel, runBatch } from "../model/programs.ts";
import type { Features } from "./features.ts";
import type { FeatureRecord, FeatureStore } from "./store.ts";

/** Pictures at a time: always as many, as results depend on it in the last bit. */
const BATCH = 20;

/** Name of the input that takes the place of the network's own. */
const PICTURES = "pictures";

export interface ComputeFeaturesOptions {
  readonly model: Model;
  /** Name of the graph's value that the features are, float32 `[N, F]`. */
  readonly value: string;
  readonly dataset: Dataset;
  /** One for this model and value. */
  readonly store: FeatureStore;
  /** Told of the pictures whose features are not in the store. */
  readonly progress?: Progress;
  /** Ends it after the batch that runs. */
  readonly signal?: AbortSignal | undefined;
}

export interface ComputedFeatures {
  /** The data without the broken pictures, with the fingerprints of the others. */
  readonly dataset: Dataset;
  readonly features: Features;
  /** Pictures, each content once, whose features the store had. */
  readonly cached: number;
}

/**
 * The features of every picture of a data set: those that the store has, and the others computed and added to it batch by batch. A
 * picture's features are the same to the bit whichever pictures' are computed with it.
 * @throws UserError when a class has no picture left, or the network does not say how pictures become its input
 * @throws what the signal was aborted with; what was computed is in the store
 */
export async function computeFeatures(options: ComputeFeaturesOptions): Promise<ComputedFeatures> {
  const { model, value, dataset, store, progress, signal } = options;
  const samples = new Map(
    splitNames.flatMap((split) => dataset.splits[split].map((sample) => [sample.hash, sample] as const)),
  );
  const records = await store.load(new Set(samples.keys()));
  const cached = records.size;
  const missing = [...samples.values()].filter(({ hash }) => !records.has(hash));
  const broken = new Map<string, string>();
  const read = (start: number): Promise<Reading> =>
    readBatch(dataset, missing.slice(start, start + BATCH), model.input, broken);
  // A model of its own, so that the program goes when it is no longer needed.
  const own = { ...model };
  try {
    let next = read(0);
    for (let start = 0; start < missing.length; start += BATCH) {
      const { pictures, whole } = await next;
      signal?.throwIfAborted();
      // The next pictures are decoded while these are run.
      next = read(start + BATCH);
      next.catch(() => {});
      const rows = await run(own, value, pictures);
      const computed = whole.map(({ row, ...rest }) => ({ ...rest, features: rows[row]! }));
      for (const record of computed) records.set(record.hash, record);
      await store.add(computed);
      progress?.(Math.min(start + BATCH, missing.length), missing.length);
    }
  } finally {
    await closeModel(own);
  }
  const fingerprints = new Map([...records].map(([hash, record]) => [hash, record.fingerprint]));
  return {
    dataset: { ...withoutBroken(dataset, ({ hash }) => broken.get(hash)), fingerprints },
    features: { size: featureSize(model, value), of: ({ hash }) => records.get(hash)!.features },
    cached,
  };
}

/** F of a value `[N, F]`. */
export function featureSize({ graph }: Network, value: string): number {
  const [size] = staticShapeAfterBatch(graph.values.get(value)!);
  return size!;
}

/** A batch's pictures, `[BATCH, H, W, 3]`, zeros where there is none, and the fingerprints of those that are whole. */
interface Reading {
  readonly pictures: Tensor<"uint8">;
  readonly whole: readonly (Omit<FeatureRecord, "features"> & { readonly row: number })[];
}

/** @param broken takes why a picture is broken, by hash */
async function readBatch(
  dataset: Dataset,
  samples: readonly Sample[],
  input: InputSpec,
  broken: Map<string, string>,
): Promise<Reading> {
  const pictures = zeros("uint8", [BATCH, input.height, input.width, 3]);
  const whole: Reading["whole"][number][] = [];
  await mapParallel([...samples.entries()], async ([row, sample]) => {
    const { hash } = sample;
    try {
      const picture = await dataset.read(sample, input);
      pictures.data.set(picture.data, row * picture.data.length);
      whole.push({ row, hash, fingerprint: fingerprint(picture) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      broken.set(hash, error.message);
    }
  });
  return { pictures, whole };
}

/** The value's row for each picture. */
async function run(model: Model, value: string, pictures: Tensor<"uint8">): Promise<Float32Array[]> {
  const { name } = model.input;
  const preprocessing = preprocessingOf(model.input);
  const derive = (graph: Graph): Graph => {
    const shape = [graph.inputs[0]!.shape![0]!, ...pictures.shape.slice(1)];
    return precededBy(extract(graph, [value]), name, (g) =>
      preprocessed(g, g.input(PICTURES, "uint8", shape), preprocessing),
    );
  };
  const results = await runBatch(model, { [PICTURES]: pictures }, { key: `features of ${value}`, derive });
  const { data } = results[value] as Tensor<"float32">;
  const size = data.length / BATCH;
  return Array.from({ length: BATCH }, (_, row) => data.slice(row * size, (row + 1) * size));
}
