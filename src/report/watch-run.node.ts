import { float32 } from "../base/tensor.ts";
import type { Sample } from "../data/dataset.ts";
import type { Engine } from "../engine/engine.ts";
import { watch } from "../explain/watch.ts";
import type { Run } from "../train/run.node.ts";
import type { TrainingState } from "../train/state.ts";
import type { Material } from "../train/train-run.node.ts";
import { hasWatched, saveWatched } from "../train/watched.node.ts";
import { watchedLabel, watchedSamples } from "../train/watched.ts";

/** The pictures that are watched while a run trains. */
export interface RunWatch {
  readonly samples: readonly Sample[];
  /** Explains each for its true class, and keeps that in the run's folder; to be called when an epoch has ended. */
  look(state: Pick<TrainingState, "epoch" | "tensors">): Promise<void>;
  /** Frees the memory of what was compiled. */
  dispose(): Promise<void>;
}

/**
 * Watches the pictures that a run's configuration names, with Grad-CAM at the network's default layer. Begins with what is not kept yet: the
 * network before its first step, or after an epoch that a run was killed at the end of.
 * @param state where the run goes on from
 * @throws UserError when one of the pictures is not there, or the network has no layer to explain at
 */
export async function watchRun(
  run: Run,
  { network, dataset }: Pick<Material, "network" | "dataset">,
  engine: Engine,
  state?: TrainingState,
): Promise<RunWatch> {
  const samples = watchedSamples(dataset, run.config.watch, run.config.seed);
  const pictures = await Promise.all(
    samples.map(async (sample) => ({
      picture: await dataset.read(sample, network.input),
      target: watchedLabel(sample),
    })),
  );
  const watched = watch({ ...network, source: "training", engine }, pictures);
  const look: RunWatch["look"] = async ({ epoch, tensors }) => {
    const explanations = await watched.look(tensors);
    const [first] = explanations;
    if (!first) return;
    const { method, layer } = first;
    await saveWatched(run, {
      ...{ epoch, method: method.title, layer: layer!.name },
      pictures: explanations.map(({ raw, target, scores }, at) => ({
        name: samples[at]!.name,
        target: target.index,
        raw,
        logits: float32(
          [scores.length],
          scores.map(({ logit }) => logit),
        ),
        outputs: float32(
          [scores.length],
          scores.map(({ probability, value = probability }) => value),
        ),
      })),
    });
  };
  const { epoch, step, tensors } = state ?? { epoch: 0, step: 0, tensors: new Map() };
  if (step === 0 && !hasWatched(run, epoch)) await look({ epoch, tensors });
  return { samples, look, dispose: () => watched.dispose() };
}
