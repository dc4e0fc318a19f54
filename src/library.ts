/**
 * The part of the library that runs anywhere: in Node, in a page, in a worker. `index.ts` adds files and the native
 * engine to it, `browser.ts` the engine in WebAssembly.
 */

// Gradients of graphs.
export { type GradientOptions, gradient } from "./autodiff/gradient.ts";
export type { Rule, RuleContext, Ruleset } from "./autodiff/rule.ts";
export { type ByteSource, memorySource } from "./base/byte-source.ts";
// Tensors, pictures, errors, randomness.
export { UsageError, UserError } from "./base/errors.ts";
export { type Framing, framed } from "./base/framing.ts";
export { type Picture, picture } from "./base/picture.ts";
export { type Random, random } from "./base/random.ts";
export { type Interpolation, resizeMap } from "./base/resize.ts";
export { resizePicture } from "./base/resize-picture.ts";
export {
  type DType,
  float32,
  int64,
  scalar,
  type Tensor,
  type TypedArray,
  tensor,
  zeros,
} from "./base/tensor.ts";
// Pictures with labels.
export { type Augmentation, defaultAugmentation, noAugmentation } from "./data/augment.ts";
export {
  type Dataset,
  type NearDuplicate,
  type Sample,
  type SplitName,
  splitNames,
} from "./data/dataset.ts";
export { findNearDuplicates, withNearDuplicates } from "./data/near-duplicates.ts";
export type { Progress } from "./data/parallel.ts";
export { type PreloadOptions, preload } from "./data/preload.ts";
export {
  type Masks,
  type Shortcut,
  type SyntheticDataset,
  type SyntheticOptions,
  syntheticDataset,
} from "./data/synthetic/index.ts";
// What runs graphs.
export type { CompileOptions, Engine, Program, Tensors } from "./engine/engine.ts";
export { traceShapes } from "./engine/trace.ts";
// How good a network is.
export { type Answer, type EvaluateOptions, worstAnswers } from "./evaluate/answers.ts";
export { type Calibration, type CalibrationBin, calibration } from "./evaluate/calibration.ts";
export {
  type ClassificationReport,
  type ClassReport,
  type ConfusedPair,
  classificationReport,
  mostConfused,
} from "./evaluate/classification-report.ts";
export {
  type Evaluation,
  evaluate,
  type Judgement,
  leastCertain,
  worstMistakes,
} from "./evaluate/evaluate.ts";
export { evaluateLabels, type LabelReport, type LabelsEvaluation, wrongLabels } from "./evaluate/labels.ts";
export { type McNemar, mcnemar } from "./evaluate/mcnemar.ts";
export { predictionsCsv } from "./evaluate/predictions-csv.ts";
export { type Ranking, rank, rankings } from "./evaluate/ranking.ts";
export type { Score } from "./evaluate/score.ts";
export { evaluateTask, type TaskEvaluation } from "./evaluate/task-evaluation.ts";
export { fitTemperature, withTemperature } from "./evaluate/temperature.ts";
export { evaluateValues, type ValueAnswer, type ValuesEvaluation } from "./evaluate/values.ts";
// What it looks at.
export {
  type CompiledExplanation,
  type CompileExplanationOptions,
  compileExplanation,
} from "./explain/compile.ts";
export { type ExplainOptions, explain, explainBatch } from "./explain/explain.ts";
export type { ExplainedTarget, Explanation } from "./explain/explanation.ts";
export { type GradientsOptions, gradients } from "./explain/gradients.ts";
export type {
  AskingMethod,
  Attribution,
  GraphContext,
  GraphMethod,
  Method,
  Options,
} from "./explain/method.ts";
export { families, methods } from "./explain/methods/index.ts";
export {
  type Baseline,
  type Mask,
  type OptionName,
  type OptionValues,
  optionKinds,
  parseOptions,
  type QuadratureRule,
} from "./explain/option.ts";
export type { Question, Rows, Subject, Take } from "./explain/subject.ts";
export type { Target, TargetOptions, TargetSpec } from "./explain/target.ts";
export { type Watch, type Watched, watch } from "./explain/watch.ts";
// Networks for other hosts.
export { type Export, type ExportOptions, exportModel } from "./export/export.ts";
export type { Exported, ExportFormat, FormatOptions } from "./export/format.ts";
export { exportFormats } from "./export/formats/index.ts";
// What a part of a network makes of pictures, kept.
export {
  type ComputedFeatures,
  type ComputeFeaturesOptions,
  computeFeatures,
  featureSize,
} from "./features/compute.ts";
export type { Features } from "./features/features.ts";
export { featureHash, featureKey } from "./features/key.ts";
export { type FeatureRecord, type FeatureStore, memoryFeatureStore } from "./features/store.ts";
// Models of Keras and TensorFlow.js.
export { readKeras } from "./formats/keras/read.ts";
export type { KerasObject, SavedKerasModel, SavedWeight } from "./formats/keras/saved-model.ts";
export type { FilesBeside } from "./formats/keras/tfjs.ts";
// Files of tensors.
export { readNpy, writeNpy } from "./formats/npy.ts";
export { readSafetensors, type Safetensors, writeSafetensors } from "./formats/safetensors.ts";
// Graphs, their operators (`op.conv`, `op.relu`, …) and their files.
export { GraphBuilder, type NodeSpec } from "./graph/builder.ts";
export {
  type Attribute,
  type Attributes,
  type Dim,
  extract,
  type Graph,
  type Initializer,
  initializerTensor,
  type Node,
  type Shape,
  specialize,
  type Value,
  type ValueType,
} from "./graph/graph.ts";
export { readOnnx } from "./graph/onnx/read.ts";
export { writeOnnx } from "./graph/onnx/write.ts";
export * as op from "./graph/operators/index.ts";
export { type ActivationsOptions, activations, type LayerActivation } from "./inspect/activations.ts";
export { type Adoption, adopt } from "./model/adopt.ts";
export { adoptKeras } from "./model/adopt-keras.ts";
// Networks: built, opened, summed up, run forward.
export { type ArchitectureName, architectures } from "./model/architectures/index.ts";
export { type SmallConvnetOptions, smallConvnet } from "./model/architectures/small-convnet.ts";
export { describedNetwork, storedGraph } from "./model/description.ts";
export * as layers from "./model/layers/index.ts";
export type { InputSpec, Layer, Model, Network } from "./model/model.ts";
export { glorotUniform, NetworkBuilder, type StatisticMaker, type WeightMaker } from "./model/network.ts";
export { type ClassScore, forward, predict, type Scores } from "./model/predict.ts";
export {
  type Image,
  type Preprocessing,
  type PresetName,
  preprocess,
  presets,
} from "./model/preprocessing.ts";
export { closeModel } from "./model/programs.ts";
export { type Summary, type SummaryRow, summarize, summaryTable } from "./model/summary.ts";
export { type Task, type TaskName, type Truth, tasks } from "./model/tasks/index.ts";
export { type Pooling, type Transfer, type TransferOptions, transfer } from "./model/transfer.ts";
// How good explanations are.
export { builtInPictures, type MaskedPicture } from "./quality/built-in.ts";
export { maskOf } from "./quality/mask.ts";
export {
  type Curve,
  type Measurement,
  type Metric,
  type MetricFamily,
  metricFamilies,
  type Need,
} from "./quality/metric.ts";
export { metrics } from "./quality/metrics/index.ts";
export { type Scored, type ScoreOptions, scoreExplanation } from "./quality/score.ts";
export {
  doesBetter,
  type MethodSummary,
  type MetricSummary,
  type PictureScore,
  summarizeMethod,
} from "./quality/summary.ts";
export { type Again, missing, type Trial, type TrialOptions, trialOf } from "./quality/trial.ts";
// Pictures of all that.
export { type ActivationGrid, activationGrid } from "./render/activation-grid.ts";
export {
  type Colormap,
  type ColormapName,
  type ColorOptions,
  colorize,
  colormaps,
} from "./render/colormaps.ts";
export { type ActivationsInput, activationsFigure } from "./render/figures/activations.ts";
export { type ConfusionInput, confusionFigure } from "./render/figures/confusion.ts";
export { type CurvesInput, curvesFigure } from "./render/figures/curves.ts";
export { type ExplanationInput, explanationFigure } from "./render/figures/explanation.ts";
export { type LearningRatesInput, learningRatesFigure } from "./render/figures/learning-rates.ts";
export { type Mistake, type MistakesInput, mistakesFigure } from "./render/figures/mistakes.ts";
export { precisionRecallFigure } from "./render/figures/precision-recall.ts";
export type { RankingInput } from "./render/figures/ranking-curves.ts";
export { type ReliabilityInput, reliabilityFigure } from "./render/figures/reliability.ts";
export { rocFigure } from "./render/figures/roc.ts";
export { type RunCurves, type RunsInput, runsFigure } from "./render/figures/runs.ts";
export { sheetFigure } from "./render/figures/sheet.ts";
export { type TimeLapseInput, type TimeLapsePhoto, timeLapseFigure } from "./render/figures/time-lapse.ts";
export { type ValuesInput, valuesFigure } from "./render/figures/values.ts";
export { wallFigure } from "./render/figures/wall.ts";
export type { Moment } from "./render/moments.ts";
export { encodePng, pngDataUri } from "./render/png.ts";
export { heatRange, type Range } from "./render/range.ts";
export {
  type Rendering,
  type RenderingName,
  type RenderingOptions,
  renderings,
} from "./render/renderings/index.ts";
export { overlay } from "./render/renderings/overlay.ts";
export { type Font, type Fonts, loadFont } from "./render/text.ts";
export type { WallInput, WallMeasure, WallTile } from "./render/wall.ts";
export type { Encode } from "./report/cards.ts";
export { wallPage } from "./report/wall.ts";
// Training.
export { readCheckpoint, writeCheckpoint } from "./train/checkpoint.ts";
export { findRate, type RateSearch, type RateSearchOptions, type RateTrial } from "./train/find-rate.ts";
export { type FitOptions, type FitResult, fit, type StepProgress, type StopReason } from "./train/fit.ts";
export { type Loss, lossFor } from "./train/losses/index.ts";
export { measuredOn } from "./train/measured-on.ts";
export { type Optimizer, type OptimizerName, optimizers } from "./train/optimizers/index.ts";
export type { Update } from "./train/optimizers/optimizer.ts";
export { type Schedule, type ScheduleName, schedules } from "./train/schedules/index.ts";
export type { EpochRow, TrainingState } from "./train/state.ts";
export { type DropoutMask, type StepOptions, type TrainingStep, trainingStep } from "./train/step.ts";
export { warmUp } from "./train/warm-up.ts";
export { withWeights } from "./train/weights.ts";
