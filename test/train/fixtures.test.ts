import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scalar, type Tensor, zeros } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { traceShapes } from "../../src/engine/trace.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { initializerTensor } from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import type { Network } from "../../src/model/model.ts";
import { taskOf } from "../../src/model/tasks/index.ts";
import { lossFor } from "../../src/train/losses/index.ts";
import { adam } from "../../src/train/optimizers/adam.ts";
import type { Optimizer } from "../../src/train/optimizers/index.ts";
import { rmsprop } from "../../src/train/optimizers/rmsprop.ts";
import { sgd } from "../../src/train/optimizers/sgd.ts";
import { ITERATION, LEARNING_RATE, LOSS, next, TARGETS, trainingStep } from "../../src/train/step.ts";
import { smoothedTargets } from "../../src/train/targets.ts";
import { shared } from "../shared.ts";

const root = join(shared ?? "", "fixtures");
/** Of all networks there, those that were trained. */
const names = shared
  ? readdirSync(root).filter((name) => {
      const path = join(root, name, "case.json");
      return existsSync(path) && "optim.rmsprop.losses" in JSON.parse(readFileSync(path, "utf8")).tensors;
    })
  : [];
const engine = nodeEngine();

/** What PyTorch's script trained with; its figures are the losses before each of nine steps on one batch. */
const trained: readonly (readonly [string, () => Optimizer, number, weightDecay?: number])[] = [
  ["sgd", sgd, 0.05],
  ["sgd_momentum", () => sgd({ momentum: 0.9 }), 0.02],
  ["adam", () => adam({ epsilon: 1e-8 }), 0.003],
  ["adamw", () => adam({ epsilon: 1e-8 }), 0.003, 0.05],
  ["rmsprop", () => rmsprop({ rho: 0.9, epsilon: 1e-7 }), 0.001],
];

describe.skipIf(!shared)("whole networks train as in PyTorch", () => {
  describe.each(names)("%s", (name) => {
    const folder = join(root, name);
    const info = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
    const { tensors } = readSafetensors(readFileSync(join(folder, "expected.safetensors")), name);
    test("its losses, step by step", async () => {
      const inputs = tensors.get("train.input") as Tensor<"float32">;
      const labels = Array.from(tensors.get("train.labels")!.data, Number);
      const feed = { [info.input.name]: inputs };
      const graph = await traceShapes(engine, readOnnx(readFileSync(join(folder, "model.onnx")), name), feed);
      const prefix = "eval.grad/";
      const parameters = [...tensors.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length));
      // One logit stands for two classes.
      const classes = Array.from(
        { length: Math.max(2, info.output.classes) },
        (_, index) => `class ${index}`,
      );
      const network: Network = {
        graph,
        input: { name: info.input.name, channels: 3, width: 0, height: 0 },
        classes,
        layers: [{ name, type: "all", output: "logits", parameters }],
      };
      const loss = lossFor(classes.length);
      const rows = labels.map((label) => taskOf(network).target({ label }, network));
      const targets = smoothedTargets(rows, network, 0);
      for (const [optimizerName, optimizer, learningRate, weightDecay] of trained) {
        const step = trainingStep(network, {
          ...{ loss, weightDecay },
          optimizer: optimizer(),
          batch: labels.length,
        });
        const program = await engine.compile(step.graph);
        let state: Record<string, Tensor> = {};
        for (const key of step.parameters) state[key] = initializerTensor(graph.initializers.get(key)!);
        for (const key of step.slots)
          state[key] = zeros("float32", step.graph.values.get(key)!.shape as number[]);
        const expected = tensors.get(`optim.${optimizerName}.losses`) as Tensor<"float32">;
        const { atol, rtol } = info.tensors[`optim.${optimizerName}.losses`];
        for (const [index, value] of expected.data.entries()) {
          const results = await program.run({
            ...feed,
            ...state,
            [TARGETS]: targets,
            [LEARNING_RATE]: scalar(learningRate),
            [ITERATION]: scalar(index + 1),
          });
          expect(Math.abs(Number(results[LOSS]!.data[0]) - value), optimizerName).toBeLessThanOrEqual(
            atol + rtol * Math.abs(value),
          );
          state = Object.fromEntries(Object.keys(state).map((key) => [key, results[next(key)]!]));
        }
        await program.dispose();
      }
    });
  });
});
