import type { Method } from "../explain/method.ts";
import { families } from "../explain/methods/index.ts";
import { type Metric, type MetricFamily, metricFamilies } from "../quality/metric.ts";
import { doesBetter, type MethodSummary, type MetricSummary } from "../quality/summary.ts";
import { counted, significant, timeTaken } from "../render/figures/format.ts";
import { colors } from "./output.ts";
import { type Column, table } from "./table.ts";

/** Methods by metrics, over some pictures. */
export interface Scoreboard {
  readonly pictures: readonly string[];
  readonly metrics: readonly Metric[];
  readonly methods: readonly Row[];
}

interface Row extends MethodSummary {
  readonly method: Method;
}

const arrows = { higher: "↑", lower: "↓" } as const;

/** What a map is worth that is none: every method is held against it. */
const CHANCE = "random";

/** A table for each family of metrics, one of what the methods cost, and which of them chance does as well as. */
export function scoreText({ pictures, metrics, methods }: Scoreboard): string {
  const measured = metrics.filter(({ name }) => methods.some((row) => row.metrics.has(name)));
  const parts = (Object.keys(metricFamilies) as MetricFamily[]).flatMap((family) => {
    const members = measured.filter((metric) => metric.family === family);
    if (members.length === 0) return [];
    const columns = members.map((metric) => columnOf(metric, methods));
    return [`${colors.bold(family)}: ${metricFamilies[family]}`, table([name, ...columns], methods), ""];
  });
  const spread = pictures.length > 1 ? "; ± half of the 95% interval of the mean" : "";
  return [
    ...parts,
    table(costs, methods),
    "",
    `${counted(pictures.length, "picture")}; ↓ lower is better, ↑ higher; * the best that is no control${spread}`,
    ...chanceLines(measured, methods),
  ].join("\n");
}

const isControl = (method: Method): boolean => families.control!.includes(method);

const name: Column<Row> = {
  heading: "method",
  cell: ({ method }) => (isControl(method) ? `${method.name} (control)` : method.name),
};

const costs: readonly Column<Row>[] = [
  name,
  { heading: "time a picture", numeric: true, cell: ({ seconds }) => timeTaken(seconds) },
  { heading: "forward", numeric: true, cell: ({ passes }) => significant(passes.forward) },
  { heading: "backward", numeric: true, cell: ({ passes }) => significant(passes.backward) },
];

function columnOf(metric: Metric, methods: readonly Row[]): Column<Row> {
  const { name: key, better } = metric;
  const means = methods
    .filter(({ method }) => !isControl(method))
    .flatMap(({ metrics }) => metrics.get(key)?.mean ?? []);
  const [least, most] = [Math.min(...means), Math.max(...means)];
  const best = better === "higher" ? most : least;
  return {
    heading: `${key} ${arrows[better]} `,
    numeric: true,
    cell({ method, metrics }) {
      const summary = metrics.get(key);
      if (!summary) return "– ";
      const leads = least < most && summary.mean === best && !isControl(method);
      return `${cellOf(metric, summary)}${leads ? "*" : " "}`;
    },
  };
}

function cellOf({ range }: Metric, { mean, interval }: MetricSummary): string {
  const bounded = range.every(Number.isFinite);
  const written = (value: number): string =>
    bounded
      ? value
          .toFixed(3)
          .replace(/^-0\.000$/, "0.000")
          .replace("-", "−")
      : significant(value);
  return interval ? `${written(mean)} ±${written((interval[1] - interval[0]) / 2)}` : written(mean);
}

/** What each method does no better than a random map by, where there are pictures enough to tell. */
function chanceLines(metrics: readonly Metric[], methods: readonly Row[]): string[] {
  const chance = methods.find(({ method }) => method.name === CHANCE);
  if (!chance) return [];
  const compared = metrics.filter(({ family }) => family === "removal" || family === "localization");
  return methods.flatMap(({ method, metrics: own }) => {
    if (isControl(method)) return [];
    const common = compared.filter((metric) => (own.get(metric.name)?.values.length ?? 0) > 1);
    const beaten = common.filter((metric) =>
      doesBetter(metric, own.get(metric.name)!, chance.metrics.get(metric.name)!),
    );
    if (common.length === 0) return [];
    const rest = common.filter((metric) => !beaten.includes(metric)).map((metric) => metric.name);
    const against = rest.length === 0 ? "" : `; not by ${rest.join(", ")}`;
    return [
      `${method.name} beats a random map by ${beaten.length} of ${counted(common.length, "measure")}${against}`,
    ];
  });
}

/** All figures as one object. */
export function scoreJson({ pictures, metrics, methods }: Scoreboard): Record<string, unknown> {
  return {
    pictures,
    metrics: metrics.map(({ name, title, better, range, formula, paper }) => ({
      ...{ name, title, better, formula, paper },
      // JSON knows no infinity.
      range: range.map((end) => (Number.isFinite(end) ? end : null)),
    })),
    methods: methods.map(({ method, seconds, passes, metrics: summaries }) => ({
      name: method.name,
      control: isControl(method),
      seconds,
      passes,
      metrics: Object.fromEntries(summaries),
    })),
  };
}
