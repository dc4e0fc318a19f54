import { sizeOf } from "../base/tensor.ts";
import type { Graph } from "../graph/graph.ts";
import { gridOf } from "./grid.ts";
import type { Network } from "./model.ts";

/** One row of the table. */
export interface SummaryRow {
  readonly name: string;
  readonly type: string;
  /** Channels last, `None` for the batch, as Keras prints it. */
  readonly outputShape: string;
  /** Numbers that training changes. */
  readonly parameters: number;
  /** Numbers that it measures. */
  readonly statistics: number;
}

export interface Summary {
  readonly rows: readonly SummaryRow[];
  readonly parameters: number;
  readonly statistics: number;
}

/** How many numbers the named constants hold. */
export function countNumbers({ initializers }: Graph, names: readonly string[] = []): number {
  return names.reduce((total, name) => total + sizeOf(initializers.get(name)?.shape ?? []), 0);
}

/** Layers with their output shapes and parameter counts. */
export function summarize({ graph, general = graph, layers }: Network): Summary {
  const free = typeof general.inputs[0]!.shape![0] !== "number";
  const rows = layers.map(({ name, type, output, parameters, statistics }) => {
    const [batch, ...rest] = graph.values.get(output)?.shape ?? [];
    const already = rest.length < 3 || gridOf(graph, output)?.layout === "NHWC";
    const channelsLast = already ? rest : [...rest.slice(1), rest[0]];
    const first = free ? "None" : batch;
    return {
      name,
      type,
      outputShape: `(${[first, ...channelsLast].join(", ")})`,
      parameters: countNumbers(graph, parameters),
      statistics: countNumbers(graph, statistics),
    };
  });
  // Layers may share weights, which count in each row and once in all.
  const total = (of: "parameters" | "statistics"): number =>
    countNumbers(graph, [...new Set(layers.flatMap((layer) => layer[of] ?? []))]);
  return { rows, parameters: total("parameters"), statistics: total("statistics") };
}

/**
 * Keras's summary table: the same columns, shapes, counts and borders, wider where a name is longer; of parameters, those that are not
 * trained are measured.
 */
export function summaryTable(network: Network): string {
  const { rows, parameters, statistics } = summarize(network);
  const body = rows.map(
    (row) => [`${row.name} (${row.type})`, row.outputShape, whole(row.parameters + row.statistics)] as const,
  );
  const widths = [33, 24, 15].map((width, at) => Math.max(width, ...body.map((row) => row[at]!.length + 2)));
  const [wide, shapes, counts] = widths.map((width) => width - 2) as [number, number, number];
  const border = (left: string, line: string, middle: string, right: string): string =>
    left + widths.map((width) => line.repeat(width)).join(middle) + right;
  const cells = (edge: string, [layer, shape, count]: readonly [string, string, string]): string =>
    `${edge} ${layer.padEnd(wide)} ${edge} ${shape.padEnd(shapes)} ${edge} ${count.padStart(counts)} ${edge}`;
  const lines = body.map((row) => cells("│", row));
  const count = (numbers: number): string => `${whole(numbers)} (${readableSize(numbers * 4)})`;
  return [
    `Model: "${network.graph.name}"`,
    border("┏", "━", "┳", "┓"),
    cells("┃", ["Layer (type)", "Output Shape", "Param #"]),
    border("┡", "━", "╇", "┩"),
    lines.join(`\n${border("├", "─", "┼", "┤")}\n`),
    border("└", "─", "┴", "┘"),
    ` Total params: ${count(parameters + statistics)}`,
    ` Trainable params: ${count(parameters)}`,
    ` Non-trainable params: ${count(statistics)}`,
  ].join("\n");
}

const whole = (value: number): string => value.toLocaleString("en-US");

/** Bytes as Keras writes them: steps of 1,024, two digits. */
export function readableSize(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)} ${units[unit]}`;
}
