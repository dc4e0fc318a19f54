import type { Method } from "../../src/explain/method.ts";
import {
  builtInPictures,
  families,
  type Measurement,
  type Model,
  methods,
  scoreExplanation,
  type Tensor,
} from "../../src/index.ts";
import { compareMethods } from "../../src/quality/compare.ts";
import { type MethodSummary, type PictureScore, summarizeMethod } from "../../src/quality/summary.ts";
import { table } from "./tables.ts";

/** Columns of the table: metrics, and what they are called there. */
const places = { "relevance-mass": "mass on the telling parts", "pointing-game": "highest on them" } as const;
const likenesses = {
  "parameter-randomization": "alike, weights shuffled",
  "random-logit": "alike, other class",
} as const;
const columns: Readonly<Record<string, string>> = { ...places, ...likenesses };

/** No run has drawn its pictures with it. */
const SEED = 2026;

/** How like maps stay is measured on fewer pictures, and of methods that run the network at most so often: each is explained again for every layer. */
const FEWER = 3;
const MOST_PASSES = 30;

/**
 * Every method on built-in pictures, whose telling parts are known: the table, the best first.
 * @param note told of each picture when its turn has come
 */
export async function onBuiltIn(
  model: Model,
  pictures: number,
  note: (text: string) => void,
): Promise<string> {
  const scores = new Map<Method, PictureScore[]>();
  let seen = 0;
  for await (const { name, inputs, mask } of builtInPictures(model, pictures, SEED)) {
    note(name);
    const every = methods.map((method) => method.name);
    for await (const compared of compareMethods(model, inputs, {
      ...{ methods: every, metrics: Object.keys(places), mask },
    })) {
      if (!("scored" in compared)) continue;
      const { method, scored } = compared;
      const { passes } = scored.explanation;
      const again = seen < FEWER && passes.forward <= MOST_PASSES ? Object.keys(likenesses) : [];
      const alike = again.length > 0 ? await likeness(model, inputs, method, again) : [];
      const one = { ...scored, passes, measured: new Map([...scored.measured, ...alike]) };
      scores.set(method, [...(scores.get(method) ?? []), one]);
    }
    seen++;
  }
  const rows = [...scores].map(([method, found]) => ({ method, summary: summarizeMethod(found) }));
  const mass = ({ summary }: (typeof rows)[number]): number => meanOf(summary, "relevance-mass");
  return table(
    ["method", ...Object.values(columns), "forward", "backward"],
    rows
      .sort((a, b) => mass(b) - mass(a))
      .map(({ method, summary }) => [
        families.control!.includes(method) ? `**\`${method.name}\`** (control)` : `\`${method.name}\``,
        ...Object.keys(columns).map((metric) => cellOf(summary, metric)),
        ...[summary.passes.forward, summary.passes.backward].map((passes) => passes.toFixed(0)),
      ]),
  );
}

/** What metrics of another explanation of the picture say. */
async function likeness(
  model: Model,
  inputs: Tensor<"float32">,
  { name: method }: Method,
  metrics: readonly string[],
): Promise<ReadonlyMap<string, Measurement>> {
  return (await scoreExplanation(model, inputs, { method, metrics })).measured;
}

const meanOf = ({ metrics }: MethodSummary, name: string): number => metrics.get(name)?.mean ?? Number.NaN;

/** The mean, and half of its 95% interval. */
function cellOf({ metrics }: MethodSummary, name: string): string {
  const { mean, interval } = metrics.get(name) ?? {};
  if (mean === undefined) return "–";
  return interval ? `${twoPlaces(mean)} ± ${twoPlaces((interval[1] - interval[0]) / 2)}` : twoPlaces(mean);
}

const twoPlaces = (value: number): string =>
  value
    .toFixed(2)
    .replace(/^-0\.00$/, "0.00")
    .replace("-", "−");
