import { listNames } from "../../base/errors.ts";
import { measureIn, measureOf } from "../../evaluate/score.ts";
import { framing, preparation } from "../../model/preprocessing.ts";
import { summarize } from "../../model/summary.ts";
import { counted, measured, timeTaken } from "../../render/figures/format.ts";
import type { RunConfig } from "../../train/config.ts";
import { bestRow, type EpochRow } from "../../train/state.ts";
import { chart } from "../chart.ts";
import type { ReportContent } from "../content.ts";
import { type Content, html, type Markup } from "../markup.ts";
import { pairs } from "../pairs.ts";
import { augmentationPhrase, lossText, percentOf, whole } from "../words.ts";

/** How it was trained: in words, as curves, and as tables for those who want to do it again. */
export function training(content: ReportContent): Markup {
  const { history, figures } = content;
  return html`
    <section id="training">
      <h2>Training</h2>
      ${story(content)}
      ${chart(figures.curves, "wide", "Each point is an epoch. Train is measured while the weights change, with dropout and on pictures as they were altered, if they were; validation afterwards, on pictures as they are. So validation may well look better.")}
      <details>
        <summary>${counted(history.length, "epoch")} in figures</summary>
        ${epochTable(history)}
      </details>
      <details>
        <summary>Every setting</summary>
        ${settingsTable(content)}
      </details>
      <details>
        <summary>The network, layer by layer</summary>
        ${layerTable(content)}
      </details>
    </section>`;
}

function optimizerPhrase({ optimizer, momentum, nesterov, weightDecay, clipNorm }: RunConfig): string {
  return [
    optimizer,
    ...(momentum ? [`momentum ${momentum}${nesterov ? ", Nesterov's" : ""}`] : []),
    ...(typeof weightDecay !== "number" ? [] : [`weight decay ${weightDecay}`]),
    ...(typeof clipNorm !== "number" ? [] : [`gradients no longer than ${clipNorm}`]),
  ].join(", ");
}

function classWeightsPhrase({ classWeights }: RunConfig): string {
  if (!classWeights) return "all alike";
  if (classWeights === "balanced") return "rare classes count as much as common ones";
  return Object.entries(classWeights)
    .map(([name, weight]) => `${name} ${weight}`)
    .join(", ");
}

function beginning({ architecture, backbone }: RunConfig): string {
  if (!backbone) return "The network began with random weights";
  return `The network is ${architecture} up to its layer “${backbone.cut}”, as others trained it, with a head that began with random weights`;
}

const fineTuneEpochs = ({ backbone }: RunConfig): number =>
  backbone?.unfreeze.length ? backbone.fineTuneEpochs : 0;

function fineTuning({ backbone }: RunConfig, history: readonly EpochRow[]): string | undefined {
  const first = history.find((row) => row.fineTuning);
  if (!backbone || !first) return undefined;
  return `From epoch ${first.epoch} on the layers ${listNames(backbone.unfreeze)} below it were trained too, at the learning rate ${backbone.fineTuneRate}.`;
}

function backboneRows({ backbone, filters }: RunConfig): (readonly [string, Content])[] {
  if (!backbone) return [["filters of the convolutions", filters.join(", ")]];
  const { model, cut, pooling, unfreeze, fineTuneEpochs, fineTuneRate, updateStatistics } = backbone;
  return [
    ["backbone", model],
    ["its last layer", cut],
    ["pooling", pooling],
    ...(unfreeze.length > 0
      ? ([
          ["layers fine-tuned", unfreeze.join(", ")],
          ["epochs of that", fineTuneEpochs],
          ["learning rate in them", fineTuneRate],
          ["batch statistics", updateStatistics ? "measured on" : "kept"],
        ] as const)
      : ([["layers fine-tuned", "none"]] as const)),
  ];
}

function story({ config, history, listing, network }: ReportContent): Markup {
  const pictures = listing.files.filter(({ split }) => split === "train").length;
  const altered = augmentationPhrase(config.augmentation);
  const seconds = history.reduce((sum, row) => sum + row.seconds, 0);
  const best = bestRow(history);
  return html`
    <p>
      ${beginning(config)} and learnt from ${whole(pictures)} pictures, ${config.batch} at a
      time, each ${framing(network.input)}
      (optimizer ${optimizerPhrase(config)}, learning rate ${config.learningRate}, ${config.schedule}).
      ${
        altered
          ? `Each time a picture was seen it was altered at random: ${altered}.`
          : "Pictures were not altered at random."
      }
      ${
        config.dropout > 0
          ? `In every step ${percentOf(config.dropout)} of the features before the dense layers were dropped at random.`
          : undefined
      }
      ${fineTuning(config, history)}
    </p>
    <p>
      ${
        history.length === config.epochs && !config.backbone?.unfreeze.length
          ? `It went through all of them ${config.epochs === 1 ? "once" : `${config.epochs} times`}`
          : `It ended after ${counted(history.length, "epoch")} of at most ${config.epochs + fineTuneEpochs(config)}`
      }, in ${timeTaken(seconds)}.
      ${best && keptPhrase(best)}
    </p>`;
}

function keptPhrase({ epoch, validation }: EpochRow): string {
  const measure = measureIn(validation);
  const value = validation[measure.key]!;
  const reason = Number.isFinite(value)
    ? `, where validation ${measure.title} was highest (${measured(measure, value)})`
    : "";
  return `The weights kept are those of epoch ${epoch}${reason}.`;
}

function epochTable(history: readonly EpochRow[]): Markup {
  const best = bestRow(history);
  const measure = best ? measureIn(best.validation) : measureOf({});
  const scores = ({ train, validation }: EpochRow): Markup[] =>
    [train, validation].map(
      (score) => html`<td>${lossText(score.loss)}</td><td>${measured(measure, score[measure.key]!)}</td>`,
    );
  return html`
    <div class="scroll"><table class="numbers">
      <thead>
        <tr><th rowspan="2">epoch</th><th colspan="2">train</th><th colspan="2">validation</th><th rowspan="2">time</th></tr>
        <tr>${[1, 2].map(() => html`<th>loss</th><th>${measure.title}</th>`)}</tr>
      </thead>
      <tbody>
        ${history.map(
          (row) => html`
            <tr${row === best ? html` class="best"` : undefined}>
              <td>${row.epoch}${row === best ? " (kept)" : ""}</td>
              ${scores(row)}
              <td>${timeTaken(row.seconds)}</td>
            </tr>`,
        )}
      </tbody>
    </table></div>`;
}

function settingsTable({ config, network }: ReportContent): Markup {
  const { data, augmentation, patience } = config;
  const rows: readonly (readonly [string, Content])[] = [
    ["data", data.kind === "folder" ? data.path : "built-in pictures"],
    ...(data.kind === "folder"
      ? [
          [
            "part set apart for validation, where the folder has none",
            percentOf(data.validationFraction),
          ] as const,
          ...(data.labels === undefined ? [] : [["labels", data.labels] as const]),
          ...(data.target === undefined ? [] : [["column", data.target] as const]),
        ]
      : [["planted shortcut", data.shortcut ? "yes" : "no"] as const]),
    ["architecture", config.architecture],
    ...backboneRows(config),
    ["pictures", preparation(network.input)],
    ["units of the hidden dense layer", config.units || "no such layer"],
    ["dropout", config.dropout],
    ["optimizer", optimizerPhrase(config)],
    ["learning rate", config.learningRate],
    [
      "its schedule",
      config.schedule + (config.warmUp ? `, after ${counted(config.warmUp, "epoch")} of warm-up` : ""),
    ],
    ["label smoothing", config.labelSmoothing],
    ["class weights", classWeightsPhrase(config)],
    ["batch", config.batch],
    ["epochs at most", config.epochs],
    [
      "early stopping",
      patience === null ? "no" : `after ${counted(patience, "epoch")} without a lower validation loss`,
    ],
    ["rotation", `±${augmentation.rotation}°`],
    [
      "shift",
      `±${percentOf(augmentation.widthShift)} of the width, ±${percentOf(augmentation.heightShift)} of the height`,
    ],
    ["mixup", config.mixup || "no"],
    ["shear", `±${augmentation.shear}°`],
    ["zoom", `±${percentOf(augmentation.zoom)}`],
    ["horizontal flip", augmentation.horizontalFlip ? "yes" : "no"],
    ["watched pictures", typeof config.watch === "number" ? config.watch || "none" : config.watch.join(", ")],
    ["seed", config.seed],
    ["threads", config.threads],
  ];
  return pairs(rows);
}

function layerTable({ network }: ReportContent): Markup {
  const { rows, parameters } = summarize(network);
  return html`
    <div class="scroll"><table class="numbers">
      <thead><tr><th>layer</th><th class="text">type</th><th class="text">output</th><th>parameters</th></tr></thead>
      <tbody>
        ${rows.map(
          (row) => html`
            <tr><td>${row.name}</td><td class="text">${row.type}</td><td class="text">${row.outputShape}</td><td>${whole(row.parameters)}</td></tr>`,
        )}
      </tbody>
      <tfoot><tr><td colspan="3">in all</td><td>${whole(parameters)}</td></tr></tfoot>
    </table></div>`;
}
