import type { Convention } from "../../src/explain/convention.ts";
import { conventions } from "../../src/explain/conventions/index.ts";
import type { Method } from "../../src/explain/method.ts";
import { families } from "../../src/explain/methods/index.ts";
import { metricFamilies, type Need } from "../../src/quality/metric.ts";
import { metrics } from "../../src/quality/metrics/index.ts";

/** The parts of pages that follow from the registries, by the name between their marks. */
export const pages: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "docs/methods.md": {
    methods: () => byFamily(methodTable),
    formulas: () => byFamily(formulaTable),
    conventions: () => table(["`--convention`", "library", "maps are"], conventions.map(conventionRow)),
    defaults: () => table(["convention", "method", "options"], conventions.flatMap(defaultRows)),
  },
  "docs/scoring.md": { metrics: metricTables, definitions: definitionTable },
};

/** A page, given as it stands, whose parts are as the registries have them now. */
export const withParts = (page: string, text: string): string =>
  Object.entries(pages[page]!).reduce((known, [name, write]) => withPart(known, name, write()), text);

/**
 * A page with one of its parts, which stand between marks, written anew.
 * @throws Error when it has none of that name
 */
export function withPart(page: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name}: written by npm run methods -->\n`, `<!-- end of ${name} -->`];
  const [before, rest] = page.split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (after === undefined) throw new Error(`the page has no part "${name}"`);
  return `${before}${begin}\n${part}\n${end}${after}`;
}

/** What each family is, over its table. */
const titles: Readonly<Record<string, string>> = {
  cam: "Class activation maps",
  gradient: "Gradients",
  relevance: "Relevance",
  perturbation: "Perturbation",
  attention: "Attention",
  control: "Controls",
};

const byFamily = (write: (members: readonly Method[]) => string): string =>
  Object.entries(families)
    .map(([family, members]) => `**${titles[family]}** (\`${family}\`)\n\n${write(members)}`)
    .join("\n");

function methodTable(members: readonly Method[]): string {
  return table(
    ["method", "shows", "misleads", "runs of the network"],
    members.map(({ name, summary, limits, cost }) => [`\`${name}\``, summary, limits, cost]),
  );
}

function formulaTable(members: readonly Method[]): string {
  return table(
    ["method", "formula", "paper", "at", "sign", "options"],
    members.map((method) => [
      method.title,
      `\`${method.formula}\``,
      linked(method.paper),
      method.at,
      method.sign,
      optionsIn(method.options),
    ]),
  );
}

const optionsIn = (options: object): string =>
  Object.entries(options)
    .map(([name, value]) => `\`${name}=${value}\``)
    .join(" ");

const conventionRow = ({ name, library, scaling }: Convention): string[] => [`\`${name}\``, library, scaling];

const defaultRows = ({ name, options }: Convention): string[][] =>
  Object.entries(options).map(([method, given]) => [`\`${name}\``, `\`${method}\``, optionsIn(given)]);

/** What a metric needs beside the explanation. */
const needs: Readonly<Record<Need, string>> = {
  mask: "a mask",
  method: "explains again",
  probability: "probabilities",
  rival: "another class",
  weights: "layers with weights",
};

function metricTables(): string {
  return Object.entries(metricFamilies)
    .map(([family, meaning]) => {
      const rows = metrics
        .filter((metric) => metric.family === family)
        .map((metric) => [
          `\`${metric.name}\``,
          metric.summary,
          metric.better,
          metric.range.map(String).join(" to ").replace("Infinity", "∞").replace("-", "−"),
          metric.needs.map((need) => needs[need]).join(", "),
        ]);
      return `**${capitalized(family)}**: ${meaning}\n\n${table(["metric", "says", "better", "from, to", "needs"], rows)}`;
    })
    .join("\n");
}

function definitionTable(): string {
  return table(
    ["metric", "definition", "paper", "options"],
    metrics.map(({ title, formula, paper, options }) => [title, formula, linked(paper), optionsIn(options)]),
  );
}

const capitalized = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** Names of papers that tell where they are as links to there. */
const linked = (paper: string): string =>
  paper
    .replace(/arXiv:(\d{4}\.\d{5})/g, "[arXiv:$1](https://arxiv.org/abs/$1)")
    .replace(/doi:(10\.\d+\/[\w().-]*\w)/g, "[doi:$1](https://doi.org/$1)");

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return [heads, heads.map(() => "---"), ...rows].map(line).join("");
}
