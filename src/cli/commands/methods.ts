import { findMethod } from "../../explain/explain.ts";
import type { Method } from "../../explain/method.ts";
import { families, methods as known } from "../../explain/methods/index.ts";
import { type OptionName, optionKinds } from "../../explain/option.ts";
import type { CommandSpec } from "../command.ts";
import { colors, say, sayJson } from "../output.ts";
import { type Column, table } from "../table.ts";

export const methods: CommandSpec = {
  summary: "list the ways to explain, or say all about one: options, formula, paper, limits",
  examples: [
    ["convscope methods", "what there is, by family, and how often each runs the network"],
    ["convscope methods integrated-gradients", "its options for --set, its formula, where it misleads"],
  ],
  configure(command) {
    command
      .argument("[name]", "a method to say all about")
      .option("--json", "one JSON object a line")
      .action((name: string | undefined, { json }: { json?: boolean }) => {
        const asked = name === undefined ? undefined : findMethod(name);
        if (json) {
          for (const [family, members] of Object.entries(families))
            for (const method of members)
              if (!asked || method === asked) sayJson({ family, ...record(method) });
        } else if (asked) say(described(asked));
        else say(listed());
      });
  },
};

/** What can be said of a method without running it. */
function record(method: Method) {
  const { name, title, summary, formula, paper, limits, cost, at, sign } = method;
  return { name, title, summary, formula, paper, limits, cost, at, sign, options: optionsOf(method) };
}

interface OptionRow {
  readonly name: string;
  readonly default: unknown;
  readonly summary: string;
  readonly takes: string;
}

function optionsOf({ options }: Method): OptionRow[] {
  return Object.entries(options).map(([name, value]) => {
    const { summary, takes } = optionKinds[name as OptionName];
    return { name, default: value, summary, takes };
  });
}

/** Every method with what it shows; names are as wide in every family. */
function listed(): string {
  const width = Math.max(...known.map(({ name }) => name.length));
  const line = ({ name, summary, cost }: Method): string =>
    `  ${name.padEnd(width)}  ${summary} ${colors.dim(`(${cost})`)}`;
  return Object.entries(families)
    .map(([family, members]) => [colors.bold(family), ...members.map(line)].join("\n"))
    .join("\n\n");
}

const places = {
  maps: "a layer with places",
  layer: "any layer",
  input: "the network's input",
} as const satisfies Record<Method["at"], string>;

function described(method: Method): string {
  const { name, title, summary, formula, paper, limits, cost, at, sign } = method;
  const facts = [
    ["formula", formula],
    ["paper", paper],
    ["limits", limits],
    ["runs", cost],
    ["at", places[at]],
    ["sign", sign === "signed" ? "for and against the target" : "what is above zero counts"],
  ] as const;
  const options = optionsOf(method);
  return [
    `${colors.bold(title)} (${name}): ${summary}`,
    "",
    ...facts.map(([heading, text]) => `${heading.padEnd(9)}${text}`),
    "",
    options.length > 0 ? table(optionColumns, options) : "It has no options.",
  ].join("\n");
}

const optionColumns: readonly Column<OptionRow>[] = [
  { heading: "option", cell: ({ name }) => name },
  { heading: "default", cell: (row) => String(row.default) },
  { heading: "is", cell: ({ summary }) => summary },
  { heading: "takes", cell: ({ takes }) => takes },
];
