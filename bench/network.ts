import { random } from "../src/base/random.ts";
import { float32, sizeOf, type Tensor, zeros } from "../src/base/tensor.ts";
import type { Program } from "../src/engine/engine.ts";
import { nodeEngine } from "../src/engine/node.ts";
import { initializerTensor } from "../src/graph/graph.ts";
import { smallConvnet } from "../src/model/architectures/small-convnet.ts";
import type { Network } from "../src/model/model.ts";
import { drawMask } from "../src/train/feed.ts";
import { lossFor } from "../src/train/losses/index.ts";
import { rmsprop } from "../src/train/optimizers/rmsprop.ts";
import { ITERATION, LEARNING_RATE, next, TARGETS, trainingStep } from "../src/train/step.ts";

export const BATCH = 20;

/** Multiplications and additions of one training step, counting every gradient once, as the peer script counts. */
export const STEP_GFLOP: number =
  (3 *
    2 *
    BATCH *
    (148 ** 2 * 32 * 27 +
      72 ** 2 * 64 * 288 +
      34 ** 2 * 128 * 576 +
      15 ** 2 * 128 * 1152 +
      6272 * 512 +
      512)) /
  1e9;

export function network(): Network {
  return smallConvnet({ classes: ["cat", "dog"] });
}

export function uniform(shape: readonly number[]): Tensor<"float32"> {
  const source = random(0, "bench");
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => source.next()),
  );
}

/** The training step of the small convnet, ready to be run again and again on its own results. */
export async function stepRunner(): Promise<{ run: () => Promise<unknown>; program: Program }> {
  const engine = nodeEngine();
  const net = network();
  const loss = lossFor(2);
  const step = trainingStep(net, {
    loss,
    optimizer: rmsprop(),
    batch: BATCH,
    block: await engine.channelBlock(),
  });
  const program = await engine.compile(step.graph);
  const fixed: Record<string, Tensor> = {
    [net.input.name]: uniform([BATCH, 3, 150, 150]),
    [TARGETS]: float32(
      [BATCH, 1],
      Array.from({ length: BATCH }, (_, i) => i % 2),
    ),
    [LEARNING_RATE]: float32([], [1e-4]),
    [ITERATION]: float32([], [1]),
  };
  for (const mask of step.masks) fixed[mask.name] = drawMask(mask, { seed: 0, epoch: 0, step: 0 });
  let now = new Map<string, Tensor>();
  let later = new Map<string, Tensor>();
  for (const name of [...step.parameters, ...step.slots]) {
    const shape = step.graph.values.get(name)!.shape as readonly number[];
    const initial = net.graph.initializers.get(name);
    now.set(
      name,
      initial
        ? ({ ...initializerTensor(initial), data: initializerTensor(initial).data.slice() } as Tensor)
        : zeros("float32", shape),
    );
    later.set(name, zeros("float32", shape));
  }
  return {
    program,
    async run() {
      const into = Object.fromEntries([...later].map(([name, value]) => [next(name), value]));
      await program.run({ ...fixed, ...Object.fromEntries(now) }, into);
      [now, later] = [later, now];
    },
  };
}
