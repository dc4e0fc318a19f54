import { join } from "node:path";
import { writeFileAtomic } from "../base/write.node.ts";
import type { Engine } from "../engine/engine.ts";
import { counted, significant } from "../render/figures/format.ts";
import { learningRatesFigure } from "../render/figures/learning-rates.ts";
import { readFonts } from "../render/font.node.ts";
import { rasterize } from "../render/raster.node.ts";
import type { RunConfig } from "../train/config.ts";
import { findRate } from "../train/find-rate.ts";
import type { Schedule } from "../train/schedules/index.ts";
import { fitOptions, type Material } from "../train/train-run.node.ts";
import { say, sayJson } from "./output.ts";
import { ProgressLine } from "./progress.ts";

/** Looks for a learning rate instead of training: figures in `folder`, and what to say on the command line. */
export async function findRateWatched(
  config: RunConfig,
  material: Material,
  engine: Engine,
  { folder, json = false }: { readonly folder: string; readonly json?: boolean },
): Promise<void> {
  const line = new ProgressLine("learning rates", "steps");
  const steps = 100;
  let done = 0;
  const { schedule, ...options } = fitOptions(config, material, engine);
  const search = await findRate(
    {
      ...options,
      onStep: ({ loss }) => line.update({ done: ++done, total: steps, details: `loss ${loss.toFixed(3)}` }),
    },
    { steps },
  ).finally(() => line.clear());
  // What a schedule rises to is what must not be too much.
  const learningRate = Number((search.suggested / peakOf(schedule!)).toPrecision(2));
  const stem = join(folder, "learning-rate");
  const svg = learningRatesFigure(search, await readFonts());
  await writeFileAtomic(`${stem}.svg`, svg);
  await writeFileAtomic(`${stem}.png`, await rasterize(svg));
  if (json) {
    sayJson({ learningRate, schedule: schedule!.name, ...search, figures: [`${stem}.svg`, `${stem}.png`] });
    return;
  }
  const { trials, highest, suggested } = search;
  say(
    `${counted(trials.length, "step")} at rates from ${trials[0]!.rate} up: the loss rises from ${significant(highest)} on`,
  );
  say(
    `suggested    --learning-rate ${learningRate}${peakOf(schedule!) > 1 ? `, which ${schedule!.name} raises to ${significant(suggested)}` : ""}`,
  );
  say(`figure       ${stem}.png, ${stem}.svg`);
}

/** The highest rate of a schedule, as a multiple of the one that it is given. */
function peakOf({ rate }: Schedule): number {
  return Math.max(...Array.from({ length: 101 }, (_, at) => rate(1, at / 100, [])));
}
