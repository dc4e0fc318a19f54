/** The library in Node: the same calls on ONNX Runtime's native build, and files. */

export { decodePicture, readImage } from "./data/decode.node.ts";
export { type FolderOptions, openFolder } from "./data/folder.node.ts";
export { type LabelledOptions, openLabelled } from "./data/labelled.node.ts";
export { type NodeEngineOptions, nodeEngine } from "./engine/node.ts";
export { type FeatureStoreOptions, openFeatureStore } from "./features/store.node.ts";
export * from "./library.ts";
export { type OpenOptions, openModel } from "./model/open.node.ts";
export { type Download, download } from "./model/weights/download.node.ts";
export type { Loaded } from "./model/weights/load.ts";
export { type OpenWeightsOptions, openWeights } from "./model/weights/open.node.ts";
export { readFonts } from "./render/font.node.ts";
export { writePng } from "./render/png.node.ts";
export { rasterize } from "./render/raster.node.ts";
export { type RunWatch, watchRun } from "./report/watch-run.node.ts";
export { type Report, type ReportOptions, writeReport } from "./report/write.node.ts";
export { type SurveyResults, type WriteSurveyOptions, writeSurvey } from "./report/write-survey.node.ts";
export { type Survey, type SurveyOptions, surveyFolder } from "./survey/survey.node.ts";
export { defaultConfig, type RunConfig } from "./train/config.ts";
export { createRun, newRunFolder, openRun, type Run, readState } from "./train/run.node.ts";
export { type TrainRunHooks, trainRun } from "./train/train-run.node.ts";
