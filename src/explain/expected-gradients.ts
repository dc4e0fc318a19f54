import { staticShape } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { own } from "./ask.ts";
import type { Baselines } from "./baseline.ts";
import type { AddNoise } from "./noisy-gradients.ts";
import { asTheyAre, scores } from "./questions.ts";
import type { Question, Subject } from "./subject.ts";

/** A point on the way from a baseline to the picture. */
export interface Draw {
  /** Index of the baseline. */
  readonly baseline: number;
  /** How far it is on the way, 0…1. */
  readonly alpha: number;
}

/** The gradient at a row's input, times the way that it stands for. */
const QUESTION: Question = {
  key: "gradient times way",
  write({ g, input, gradient }) {
    const way = own(g, "way", staticShape(input));
    const [slope] = gradient([input]);
    return { part: op.mul(g, way, slope!) };
  },
};

/**
 * The mean over draws of `(x − b) ⊙ ∂score/∂x (b + α (x − b))`, `[N, C, H, W]`.
 * @param addNoise changes x in each draw
 */
export async function expectedGradientsOf(
  subject: Pick<Subject, "ask" | "inputs">,
  baselines: Baselines,
  draws: readonly Draw[],
  addNoise?: AddNoise,
): Promise<Float32Array> {
  const { inputs } = subject;
  const [pictures] = inputs.shape as [number];
  const size = inputs.data.length / pictures;
  const clean = asTheyAre(subject);
  const rows = {
    count: pictures * draws.length,
    picture: (row: number) => Math.floor(row / draws.length),
    write(row: number, { input, way }: Readonly<Record<string, Float32Array>>) {
      const picture = Math.floor(row / draws.length);
      const { baseline, alpha } = draws[row % draws.length]!;
      clean.write(picture, { input: input! });
      addNoise?.(picture, row % draws.length, input!);
      const base = baselines.of(picture, baseline);
      for (let i = 0; i < size; i++) {
        way![i] = input![i]! - base[i]!;
        input![i] = base[i]! + alpha * way![i]!;
      }
    },
  };
  const values = new Float32Array(inputs.data.length);
  await subject.ask(QUESTION, rows, (row, { part }) => {
    const start = rows.picture(row) * size;
    for (let i = 0; i < size; i++) values[start + i]! += part![i]! / draws.length;
  });
  return values;
}

/**
 * As many draws as `samples`: the baselines in turn, and of each one's way, cut into as many equal parts as it has draws, a uniform place in
 * each part.
 */
export function drawn({ random }: Pick<Subject, "random">, { count }: Baselines, samples: number): Draw[] {
  return Array.from({ length: samples }, (_, sample) => {
    const baseline = sample % count;
    const parts = Math.ceil((samples - baseline) / count);
    return { baseline, alpha: (Math.floor(sample / count) + random("place", sample).next()) / parts };
  });
}

/** Of each picture the mean of its baselines' scores. */
export async function meanScores(
  subject: Pick<Subject, "ask" | "inputs">,
  { count, of }: Baselines,
): Promise<number[]> {
  const [pictures] = subject.inputs.shape as [number];
  const found = await scores(subject, {
    count: pictures * count,
    picture: (row) => Math.floor(row / count),
    write: (row, { input }) => input!.set(of(Math.floor(row / count), row % count)),
  });
  return Array.from({ length: pictures }, (_, picture) =>
    found.subarray(picture * count, (picture + 1) * count).reduce((sum, score) => sum + score / count, 0),
  );
}
