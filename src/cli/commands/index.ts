import type { CommandSpec } from "../command.ts";

/** Every command by name, loaded when it is asked for: a prediction need not wait for training to load. */
export const commands: Readonly<Record<string, () => Promise<CommandSpec>>> = {
  demo: async () => (await import("./demo.ts")).demo,
  train: async () => (await import("./train.ts")).train,
  summary: async () => (await import("./summary.ts")).summary,
  layers: async () => (await import("./layers.ts")).layers,
  evaluate: async () => (await import("./evaluate.ts")).evaluate,
  predict: async () => (await import("./predict.ts")).predict,
  activations: async () => (await import("./activations.ts")).activations,
  explain: async () => (await import("./explain.ts")).explain,
  compare: async () => (await import("./compare.ts")).compare,
  score: async () => (await import("./score.ts")).score,
  grad: async () => (await import("./grad.ts")).grad,
  compile: async () => (await import("./compile.ts")).compile,
  export: async () => (await import("./export.ts")).exportCommand,
  methods: async () => (await import("./methods.ts")).methods,
  models: async () => (await import("./models.ts")).models,
  weights: async () => (await import("./weights.ts")).weights,
  runs: async () => (await import("./runs.ts")).runs,
  report: async () => (await import("./report.ts")).report,
  doctor: async () => (await import("./doctor.ts")).doctor,
};
