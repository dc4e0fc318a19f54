import type { Method } from "../../src/explain/method.ts";
import {
  builtInPictures,
  explain,
  families,
  type Measurement,
  type Model,
  methods,
  type Picture,
  scoreExplanation,
  type Tensor,
  UserError,
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
const FEWER = 5;
const MOST_PASSES = 100;

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
  return interval ? `${mean.toFixed(2)} ± ${((interval[1] - interval[0]) / 2).toFixed(2)}` : mean.toFixed(2);
}

/** What attributions that add up to a score, or a difference of scores, miss of it, as a part of it: the table. */
export async function completenessOn(model: Model, photos: readonly Picture[]): Promise<string> {
  const rows: string[][] = [];
  for (const method of methods) {
    const missed: number[] = [];
    for (const photo of photos) {
      const found = await explain(model, photo, { method: method.name }).catch(refused);
      const { completeness, scoreAtBaseline = 0 } = found?.checks ?? {};
      if (completeness === undefined) break;
      missed.push(Math.abs(completeness / (found!.target.logit! - scoreAtBaseline)));
    }
    if (missed.length === 0) continue;
    const mean = missed.reduce((sum, one) => sum + one, 0) / missed.length;
    rows.push([
      `\`${method.name}\``,
      ...[mean, Math.max(...missed)].map((part) => `${(100 * part).toPrecision(2)}%`),
    ]);
  }
  return table(["method", "missed, mean", "at most"], rows);
}

/** A method that the network does not go with has no row. */
function refused(error: unknown): undefined {
  if (!(error instanceof UserError)) throw error;
}
