import { UserError } from "../base/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { featureHash } from "../features/key.ts";
import type { Model } from "../model/model.ts";
import { openModel } from "../model/open.node.ts";
import { preprocessingOf } from "../model/preprocessing.ts";
import { type Transfer, transfer } from "../model/transfer.ts";
import type { BackboneConfig, RunConfig } from "./config.ts";
import { type LearntFrom, measuredOn } from "./measured-on.ts";

/** What a user says of a backbone: the rest is found out. */
export type BackboneChoice = Omit<BackboneConfig, "hash" | "cut"> & { readonly cut: string | null };

/**
 * Opens the model that a run builds on.
 * @param size side of the picture, where the model leaves it free
 * @throws UserError when there is none, or nobody says how pictures become its input
 */
export async function openBackbone(
  { model, preprocess, crop, filter }: BackboneChoice,
  size: number | null,
  engine: Engine,
): Promise<Model> {
  const opened = await openModel(model, {
    engine,
    ...(preprocess === null ? {} : { preprocessing: preprocess }),
    ...(crop === null ? {} : { crop }),
    ...(filter === null ? {} : { filter }),
    ...(size === null ? {} : { size }),
  });
  preprocessingOf(opened.input);
  return opened;
}

/** The run's network: a new head, for what its pictures are to teach it, on its backbone. */
export function withHead(
  backbone: Model,
  { cut, pooling }: Pick<BackboneChoice, "cut" | "pooling">,
  { units, dropout, seed }: Pick<RunConfig, "units" | "dropout" | "seed">,
  dataset: LearntFrom,
): Transfer {
  const made = transfer(backbone, {
    task: dataset.task,
    classes: dataset.classes,
    cut: cut ?? undefined,
    pooling,
    units,
    dropout,
    seed,
  });
  return { ...made, network: measuredOn(made.network, dataset), head: measuredOn(made.head, dataset) };
}

/** What tells a backbone's features from those of any other. */
export const backboneHash = ({ network, head }: Transfer): Promise<string> =>
  featureHash(network, head.input.name);

/** @throws UserError when the backbone is no longer what the run was begun with */
export async function checkBackbone(built: Transfer, { hash, model }: BackboneConfig): Promise<void> {
  if ((await backboneHash(built)) === hash) return;
  throw new UserError(
    `${model} is no longer the backbone that the run was begun with; put that back, or start a new run.`,
  );
}
