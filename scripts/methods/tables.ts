import type { Convention } from "../../src/explain/convention.ts";
import { conventions } from "../../src/explain/conventions/index.ts";
import type { Method } from "../../src/explain/method.ts";
import { families } from "../../src/explain/methods/index.ts";

/** The parts of docs/methods.md that follow from the registries, by the name between their marks. */
const parts: Readonly<Record<string, () => string>> = {
  methods: () => byFamily(methodTable),
  formulas: () => byFamily(formulaTable),
  conventions: () => table(["`--convention`", "library", "maps are"], conventions.map(conventionRow)),
  defaults: () => table(["convention", "method", "options"], conventions.flatMap(defaultRows)),
};

/**
 * A page with all its parts as they are now.
 * @throws Error when it lacks one
 */
export function withParts(page: string): string {
  return Object.entries(parts).reduce((text, [name, write]) => {
    const [begin, end] = [`<!-- ${name}: written by npm run methods -->\n`, `<!-- end of ${name} -->`];
    const [before, rest] = text.split(begin);
    const [, after] = rest?.split(end) ?? [];
    if (after === undefined) throw new Error(`the page has no part "${name}"`);
    return `${before}${begin}\n${write()}\n${end}${after}`;
  }, page);
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

/** Names of papers that tell where they are as links to there. */
const linked = (paper: string): string =>
  paper
    .replace(/arXiv:(\d{4}\.\d{5})/g, "[arXiv:$1](https://arxiv.org/abs/$1)")
    .replace(/doi:(10\.\d+\/[\w().-]*\w)/g, "[doi:$1](https://doi.org/$1)");

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return [heads, heads.map(() => "---"), ...rows].map(line).join("");
}
