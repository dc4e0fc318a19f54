import { gaussianKernel } from "../../../base/blur.ts";
import { float32 } from "../../../base/tensor.ts";
import * as op from "../../../graph/operators/index.ts";
import { own } from "../../ask.ts";
import { completeness } from "../../completeness.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { trapezoids } from "../../path-sum.ts";
import { scoreIn } from "../../questions.ts";
import type { Question, Rows, Subject } from "../../subject.ts";

/**
 * Xu et al. 2020 (arXiv 2004.03383), eq. 7: integrated gradients on the way from the blurred picture to the sharp one, σ from `blur` to 0.
 * Around the picture lie zeros, as in the authors' code. The sum is another than theirs: σ falls with the cube, not evenly, as most happens
 * near the sharp picture, and between two points the mean gradient counts, not the first.
 */
export const blurIg: AskingMethod<Options<"steps" | "blur">> = {
  name: "blur-ig",
  title: "Blur integrated gradients",
  summary:
    "what each pixel adds to the score while the picture comes into focus: no baseline of a color to choose",
  formula:
    "raw = - integral over s in [0, blur] of d score / d x at x_s * d x_s / d s, x_s = x blurred by a Gaussian of s pixels",
  paper: "Xu et al. 2020, arXiv:2004.03383, eq. 7",
  limits:
    "Fine texture comes last and gets the more; what is plain gets nothing. Around the picture the blur mixes in zeros, black or the mean color to the network.",
  cost: "steps forward and backward",
  at: "input",
  sign: "signed",
  options: { steps: 50, blur: 50 },
  async explain(subject, { steps, blur }) {
    const { inputs } = subject;
    const [pictures] = inputs.shape as [number];
    const points = steps + 1;
    const { values, take } = trapezoids(pictures, points, inputs.data.length / pictures);
    const before: number[] = [];
    const sigmas = Array.from({ length: points }, (_, at) => blur * (1 - at / steps) ** 3);
    const question = questionFor(subject.model.input.name);
    await subject.ask(question, blurredRows(subject, sigmas), (row, { blurred, gradient, score }) => {
      take(row, blurred!, gradient!);
      if (row % points === 0) before.push(score![0]!);
    });
    return { values: float32(inputs.shape, values), checks: await completeness(subject, values, before) };
  },
};

/** The gradient at a picture that is blurred by two products with matrices, one for its columns and one for its rows. */
function questionFor(input: string): Question {
  return {
    key: "gradient at a blur",
    instead: {
      value: input,
      write(g, shape) {
        const [n, , height, width] = shape as [number, number, number, number];
        const down = own(g, "down", [n, 1, height, height]);
        const across = own(g, "across", [n, 1, width, width]);
        return op.matMul(g, op.matMul(g, down, own(g, "picture", shape)), across);
      },
    },
    write({ g, input: blurred, explained, seed, gradient }) {
      const [slope] = gradient([blurred]);
      return { blurred, gradient: slope!, score: scoreIn(g, explained, seed) };
    },
  };
}

function blurredRows({ inputs }: Pick<Subject, "inputs">, sigmas: readonly number[]): Rows {
  const [pictures, , height, width] = inputs.shape as [number, number, number, number];
  const size = inputs.data.length / pictures;
  const kernels = sigmas.map(gaussianKernel);
  return {
    count: pictures * sigmas.length,
    picture: (row) => Math.floor(row / sigmas.length),
    write(row, { picture, down, across }) {
      const start = Math.floor(row / sigmas.length) * size;
      picture!.set(inputs.data.subarray(start, start + size));
      const kernel = kernels[row % sigmas.length]!;
      fill(down!, height, kernel);
      fill(across!, width, kernel);
    },
  };
}

/** Symmetric, `[extent, extent]`: what each element has of each other's. */
function fill(matrix: Float32Array, extent: number, kernel: Float64Array): void {
  for (let i = 0; i < extent; i++)
    for (let j = 0; j < extent; j++) matrix[i * extent + j] = kernel[Math.abs(i - j)] ?? 0;
}
