import type { Tensor } from "../base/tensor.ts";
import type { Bounds } from "../explain/ask.ts";
import { type ExplainOptions, explainBatch } from "../explain/explain.ts";
import type { Explanation } from "../explain/explanation.ts";
import { type OptionValues, withDefaults } from "../explain/option.ts";
import type { TargetSpec } from "../explain/target.ts";
import type { Model } from "../model/model.ts";
import type { Measurement, Metric } from "./metric.ts";
import { findMetric } from "./metrics/index.ts";
import { type Again, missing, trialOf } from "./trial.ts";

/** A class's explanation by a method, and what it is to be measured by. */
export interface ScoreOptions extends Bounds, Pick<ExplainOptions, "method" | "options" | "layer" | "seed"> {
  /** The class to explain; the most probable one unless said. */
  readonly target?: TargetSpec;
  /** Names of the metrics. */
  readonly metrics: readonly string[];
  /** By the names of metrics, what they are to do otherwise than by themselves. */
  readonly metricOptions?: Readonly<Record<string, Readonly<Partial<OptionValues>>>>;
  /** `[H, W]` of the network's input, 1 where the evidence is known to lie. */
  readonly mask?: Uint8Array;
  /** Told of each metric when its turn has come. */
  readonly onMetric?: (metric: Metric) => void;
}

/** How good one explanation is. */
export interface Scored {
  readonly explanation: Explanation;
  /** It took, what was compiled for it included. */
  readonly seconds: number;
  /** What was measured, by the names of the metrics. */
  readonly measured: ReadonlyMap<string, Measurement>;
  /** Metrics that could not be measured, and what each lacks. */
  readonly missing: ReadonlyMap<string, string>;
}

/**
 * Explains a class in one picture and measures the explanation.
 * @param inputs `[1, C, H, W]`
 * @throws UserError when the method, an option, target, layer or metric does not exist
 */
export async function scoreExplanation(
  model: Model,
  inputs: Tensor<"float32">,
  { metrics: names, metricOptions = {}, mask, onMetric, ...asked }: ScoreOptions,
): Promise<Scored> {
  const chosen = names.map((name) => {
    const metric = findMetric(name);
    return { metric, options: withDefaults(metric, metricOptions[name]) };
  });
  const begun = performance.now();
  const [explanation] = (await explainBatch(model, inputs, asked)) as [Explanation];
  const seconds = (performance.now() - begun) / 1000;
  const target = explanation.target.index!;
  const again: Again = async (change) => {
    const others = await explainBatch(change.model ?? model, change.inputs ?? inputs, {
      ...asked,
      target: change.target ?? target,
    });
    return others.map(({ attribution }) => attribution);
  };
  const trial = await trialOf(model, { ...asked, inputs, map: explanation.attribution, target, mask, again });
  const measured = new Map<string, Measurement>();
  const lacking = new Map<string, string>();
  for (const { metric, options } of chosen) {
    onMetric?.(metric);
    const lack = missing(metric, trial);
    if (lack) lacking.set(metric.name, lack);
    else measured.set(metric.name, await metric.measure(trial, options));
  }
  return { explanation, seconds, measured, missing: lacking };
}
