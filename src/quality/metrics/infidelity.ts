import { baselineOf } from "../../explain/baseline.ts";
import type { Options } from "../../explain/method.ts";
import { scores } from "../../explain/questions.ts";
import type { Metric } from "../metric.ts";
import { extentsOf, rowsOf } from "../trial.ts";

export const infidelity: Metric<Options<"samples" | "baseline">> = {
  name: "infidelity",
  title: "Infidelity",
  family: "removal",
  summary: "how far the map is from telling what the score loses when squares of the picture are taken away",
  formula:
    "mean over squares of (β · Σ map in the square − (score(picture) − score(without the square)))², β the best fit",
  paper: "Yeh et al. 2019, definition 2.1, arXiv:1901.09392, with their square removal and optimal scaling",
  better: "lower",
  range: [0, Number.POSITIVE_INFINITY],
  needs: [],
  options: { samples: 50, baseline: "zero" },
  async measure(trial, { samples, baseline }) {
    const { channels, height, width, pixels } = extentsOf(trial);
    const nothing = baselineOf(trial, baseline).data;
    const source = trial.random("squares");
    const squares = Array.from({ length: samples }, () => {
      const side = Math.max(1, Math.round(source.uniform(1 / 8, 1 / 2) * Math.min(height, width)));
      return { side, top: source.below(height - side + 1), left: source.below(width - side + 1) };
    });
    const eachPixel = ({ side, top, left }: (typeof squares)[number], visit: (at: number) => void): void => {
      for (let row = top; row < top + side; row++)
        for (let column = left; column < left + side; column++) visit(row * width + column);
    };
    const [whole, ...without] = await scores(
      trial,
      rowsOf(trial, {
        count: samples + 1,
        change(version, into) {
          if (version === 0) return;
          for (let channel = 0; channel < channels; channel++)
            eachPixel(squares[version - 1]!, (pixel) => {
              const at = channel * pixels + pixel;
              into[at] = nothing[at]!;
            });
        },
      }),
    );
    const promised = squares.map((square) => {
      let sum = 0;
      eachPixel(square, (at) => {
        sum += trial.map.data[at]!;
      });
      return sum;
    });
    const drops = without.map((score) => whole! - score);
    return { value: leastSquares(promised, drops) };
  },
};

/** Mean square of what the best multiple of `promised` leaves of `actual`. */
function leastSquares(promised: readonly number[], actual: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, at) => sum + value * b[at]!, 0);
  const size = dot(promised, promised);
  const scale = size > 0 ? dot(promised, actual) / size : 0;
  return actual.reduce((sum, value, at) => sum + (value - scale * promised[at]!) ** 2, 0) / actual.length;
}
