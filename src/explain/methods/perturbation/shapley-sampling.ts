import type { AskingMethod, Options } from "../../method.ts";
import { explainSegments } from "../../perturb/segmented.ts";
import type { Subject } from "../../subject.ts";

/**
 * Shapley values by permutations, Castro et al. 2009 (doi:10.1016/j.cor.2008.04.004) and Štrumbelj and Kononenko 2010: segments are shown one after
 * the other in a random order, and each has what it adds, on average over orders. Exact where there are no more orders than samples: then
 * each is taken once.
 */
export const shapleySampling: AskingMethod<Options<"samples" | "mask" | "segments" | "baseline">> = {
  name: "shapley-sampling",
  title: "Shapley value sampling",
  summary: "what each segment adds to the score on average when they are shown one after the other",
  formula:
    "raw(p) = mean over orders of score(segments up to that of p) - score(segments before it); the rest is the baseline",
  paper: "Castro et al. 2009, doi:10.1016/j.cor.2008.04.004",
  limits:
    "Most of what the network is shown are pictures that nobody would take. The values are estimates, each with the noise of as many draws as there are orders: compare two seeds.",
  cost: "samples forward for each segment",
  at: "input",
  sign: "signed",
  options: { samples: 20, mask: "slic", segments: 50, baseline: "mean" },
  explain(subject, { samples, ...which }) {
    return explainSegments(subject, which, async ({ count, scores }) => {
      const orders = ordersOf(count, samples, subject);
      // Of each order all beginnings but nothing and everything, which come first, as all orders share them.
      const inner = count - 1;
      const found = await scores({
        length: 2 + orders.length * inner,
        at(row) {
          if (row < 2) return new Uint8Array(count).fill(row);
          const order = orders[Math.floor((row - 2) / inner)]!;
          const shown = new Uint8Array(count);
          for (const segment of order.slice(0, 1 + ((row - 2) % inner))) shown[segment] = 1;
          return shown;
        },
      });
      const [none, all] = [found[0]!, found[1]!];
      const values = new Float64Array(count);
      for (const [at, order] of orders.entries()) {
        let before = none;
        for (const [place, segment] of order.entries()) {
          const score = place === inner ? all : found[2 + at * inner + place]!;
          values[segment]! += (score - before) / orders.length;
          before = score;
        }
      }
      const sum = values.reduce((total, value) => total + value, 0);
      return { values, checks: { scoreAtBaseline: none, completeness: sum - (all - none) } };
    });
  },
};

/** Random orders of the segments; all orders where they are no more than `samples`. */
function ordersOf(count: number, samples: number, subject: Subject): number[][] {
  const segments = Array.from({ length: count }, (_, at) => at);
  let orders = 1;
  for (let at = 2; at <= count && orders <= samples; at++) orders *= at;
  if (orders <= samples) return permutations(segments);
  return Array.from({ length: samples }, (_, sample) =>
    subject.random("order", sample).shuffle([...segments]),
  );
}

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}
