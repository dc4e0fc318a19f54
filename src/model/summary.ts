import { sizeOf } from "../base/tensor.ts";
import { gridOf } from "./grid.ts";
import type { Network } from "./model.ts";

/** One row of the table. */
export interface SummaryRow {
  readonly name: string;
  readonly type: string;
  /** Channels last, `None` for the batch, as Keras prints it. */
  readonly outputShape: string;
  readonly parameters: number;
}

export interface Summary {
  readonly rows: readonly SummaryRow[];
  readonly parameters: number;
}

/** Layers with their output shapes and parameter counts. */
export function summarize({ graph, layers }: Network): Summary {
  const rows = layers.map(({ name, type, output, parameters }) => {
    const [batch, ...rest] = graph.values.get(output)?.shape ?? [];
    const already = rest.length < 3 || gridOf(graph, output)?.layout === "NHWC";
    const channelsLast = already ? rest : [...rest.slice(1), rest[0]];
    const first = typeof batch === "number" ? batch : "None";
    return {
      name,
      type,
      outputShape: `(${[first, ...channelsLast].join(", ")})`,
      parameters: parameters.reduce(
        (total, key) => total + sizeOf(graph.initializers.get(key)?.shape ?? []),
        0,
      ),
    };
  });
  return { rows, parameters: rows.reduce((total, row) => total + row.parameters, 0) };
}

/** Keras's summary table: the same columns, shapes, counts and borders, 88 characters wide. */
export function summaryTable(network: Network): string {
  const { rows, parameters } = summarize(network);
  const widths = [33, 24, 15];
  const border = (left: string, line: string, middle: string, right: string): string =>
    left + widths.map((width) => line.repeat(width)).join(middle) + right;
  const cells = (edge: string, [layer, shape, count]: readonly [string, string, string]): string =>
    `${edge} ${layer.padEnd(31)} ${edge} ${shape.padEnd(22)} ${edge} ${count.padStart(13)} ${edge}`;
  const lines = rows.map((row) =>
    cells("│", [`${row.name} (${row.type})`, row.outputShape, row.parameters.toLocaleString("en-US")]),
  );
  const count = `${parameters.toLocaleString("en-US")} (${readableSize(parameters * 4)})`;
  return [
    `Model: "${network.graph.name}"`,
    border("┏", "━", "┳", "┓"),
    cells("┃", ["Layer (type)", "Output Shape", "Param #"]),
    border("┡", "━", "╇", "┩"),
    lines.join(`\n${border("├", "─", "┼", "┤")}\n`),
    border("└", "─", "┴", "┘"),
    ` Total params: ${count}`,
    ` Trainable params: ${count}`,
    " Non-trainable params: 0 (0.00 B)",
  ].join("\n");
}

/** Bytes as Keras writes them: steps of 1,024, two digits. */
function readableSize(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)} ${units[unit]}`;
}
