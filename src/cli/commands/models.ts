import { existsSync } from "node:fs";
import type { Architecture } from "../../model/architecture.ts";
import { architectures } from "../../model/architectures/index.ts";
import { summarize } from "../../model/summary.ts";
import { cachedPath } from "../../model/weights/cache.node.ts";
import type { CommandSpec } from "../command.ts";
import { say, sayJson } from "../output.ts";
import { type Column, table } from "../table.ts";

interface Row {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  readonly parameters: number;
  /** Side of the picture, in pixels. */
  readonly size: number;
  readonly preprocessing: string | undefined;
  /** Of ImageNet's validation pictures, in percent. */
  readonly top1?: number;
  /** In MiB. */
  readonly download?: number;
  /** Where its published weights are; undefined while they are not here. */
  readonly cached?: string;
}

export const models: CommandSpec = {
  summary: "list the architectures that can be built by name, and their published weights",
  examples: [
    ["convscope models", "what there is, and which weights are here"],
    ["convscope models --json", "one JSON object a line"],
  ],
  configure(command) {
    command.option("--json", "one JSON object a line").action(({ json }: { json?: boolean }) => {
      const rows = Object.values(architectures).map(rowOf);
      if (json) for (const row of rows) sayJson(row);
      else say(table(columns, rows));
    });
  },
};

function rowOf({ name, title, paper, size, weights, build }: Architecture): Row {
  const network = build();
  const path = weights && cachedPath(weights);
  return {
    name,
    title,
    paper,
    parameters: summarize(network).parameters,
    size,
    preprocessing: network.input.preprocessing?.name,
    ...(weights ? { top1: weights.top1, download: weights.size } : {}),
    ...(path && existsSync(path) ? { cached: path } : {}),
  };
}

const columns: readonly Column<Row>[] = [
  { heading: "architecture", cell: ({ name }) => name },
  { heading: "parameters", cell: ({ parameters }) => parameters.toLocaleString("en-US"), numeric: true },
  { heading: "pixels", cell: ({ size }) => String(size), numeric: true },
  { heading: "preprocess", cell: ({ preprocessing = "" }) => preprocessing },
  { heading: "top-1", cell: ({ top1 }) => (top1 === undefined ? "" : `${top1.toFixed(1)}%`), numeric: true },
  {
    heading: "download",
    cell: ({ download }) => (download === undefined ? "" : `${download.toFixed(0)} MiB`),
    numeric: true,
  },
  {
    heading: "weights",
    cell: ({ name, download, cached }) =>
      cached ? "here" : download === undefined ? "none" : `convscope weights get ${name}`,
  },
];
