import type { RunConfig } from "./config.ts";
import { type EpochRow, epochsSinceLowestLoss } from "./state.ts";

const fineTunes = ({ backbone }: RunConfig): boolean => (backbone?.unfreeze.length ?? 0) > 0;

/** Epochs that a run comes to if nothing ends it early: those of the head, or of the whole network, and those of fine-tuning after them. */
export function epochsToReach(config: RunConfig, history: readonly EpochRow[]): number {
  const { epochs, backbone } = config;
  const settled = history.findIndex(({ fineTuning }) => fineTuning);
  return (settled < 0 ? epochs : settled) + (fineTunes(config) ? backbone!.fineTuneEpochs : 0);
}

/** Whether a run has come to its end: its last stage to all of its epochs, or to where it was stopped early. */
export function hasFinished(config: RunConfig, history: readonly EpochRow[]): boolean {
  const last = history.filter(({ fineTuning = false }) => fineTuning === fineTunes(config));
  const stopped = config.patience !== null && epochsSinceLowestLoss(last) >= config.patience;
  return stopped || (last.length > 0 && history.length >= epochsToReach(config, history));
}
