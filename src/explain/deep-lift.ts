import { differenceRules } from "../autodiff/difference/rules.ts";
import { twins } from "../autodiff/difference/twins.ts";
import { float32 } from "../base/tensor.ts";
import { staticShape } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { own } from "./ask.ts";
import type { Baselines } from "./baseline.ts";
import type { Attribution } from "./method.ts";
import { asTheyAre, scoreIn } from "./questions.ts";
import type { Question, Subject } from "./subject.ts";

/** The input's name for a row's reference. */
const REFERENCE = "deep-lift/reference";

/** What each element of a row's input adds to the score, held against the row's reference, and both scores. */
const DIFFERENCES: Question = {
  key: "deep-lift",
  forward: 2,
  write({ g, input, explained, seed, gradient }) {
    const reference = own(g, REFERENCE, staticShape(input));
    const pair = twins(g, explained, { value: input, reference });
    const [multipliers] = gradient([input], differenceRules(pair), { explained: pair.of.value });
    return {
      attribution: op.mul(g, multipliers!, op.sub(g, input, reference)),
      score: scoreIn(g, pair.of.value, seed),
      before: scoreIn(g, pair.of.reference, seed),
    };
  },
};

/** DeepLIFT attributions `[N, C, H, W]`, in the mean over the baselines of each picture, and by how much they miss the difference of the scores. */
export async function deepLiftOf(subject: Subject, baselines: Baselines): Promise<Attribution> {
  const { shape, data } = subject.inputs;
  const count = shape[0]!;
  const size = data.length / count;
  const pictures = asTheyAre(subject);
  const sums = new Float64Array(data.length);
  const missed = new Float64Array(count);
  await subject.ask(
    DIFFERENCES,
    {
      count: count * baselines.count,
      picture: (row) => Math.floor(row / baselines.count),
      write(row, into) {
        const picture = Math.floor(row / baselines.count);
        pictures.write(picture, into);
        into[REFERENCE]!.set(baselines.of(picture, row % baselines.count));
      },
    },
    (row, { attribution, score, before }) => {
      const picture = Math.floor(row / baselines.count);
      let total = 0;
      for (const [at, value] of attribution!.entries()) {
        sums[picture * size + at]! += value / baselines.count;
        total += value;
      }
      missed[picture]! += (total - (score![0]! - before![0]!)) / baselines.count;
    },
  );
  return { values: float32(shape, Float32Array.from(sums)), checks: { completeness: [...missed] } };
}
