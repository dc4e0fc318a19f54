import { listNames, UserError } from "../../base/errors.ts";
import { findLayers } from "../../model/find-layer.ts";
import type { Model } from "../../model/model.ts";
import { type Field, receptiveFields } from "../../model/receptive-field.ts";
import { countNumbers } from "../../model/summary.ts";
import { defaultLayer, targetLayers } from "../../model/target-layers.ts";
import type { CommandSpec } from "../command.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { say, sayJson } from "../output.ts";
import { type Column, table } from "../table.ts";

interface Options extends ModelOptions {
  readonly type?: string;
  readonly json?: boolean;
}

interface Row {
  readonly index: number;
  readonly name: string;
  readonly type: string;
  /** As the graph has it, without the batch. */
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly field: Field;
  /** Whether a class can be explained at it. */
  readonly target: boolean;
  /** Whether that is done unless a layer is named. */
  readonly default: boolean;
}

export const layers: CommandSpec = {
  summary: "list the layers of a network: names, shapes, receptive fields, where to explain",
  examples: [
    ["convscope layers runs/latest", "every layer; * marks the one that explain takes"],
    ["convscope layers resnet18.onnx 'layer4.*' --type Conv2D", "the convolutions of the last stage"],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument("[layers]", "a name, a module, an index, or a glob such as features.*; all unless said")
      .option("--type <type>", "only those of a type, such as Conv2D")
      .option("--json", "one JSON object a line for each layer")
      .action(async (path: string, spec: string | undefined, options: Options) => {
        const model = await openGiven(path, options);
        const named = new Set(spec === undefined ? model.layers : findLayers(model, spec));
        const type = options.type === undefined ? undefined : knownType(model, options.type);
        const rows = rowsOf(model).filter(
          (row, at) => named.has(model.layers[at]!) && (type === undefined || row.type === type),
        );
        if (options.json) for (const row of rows) sayJson(row);
        else say(table(columns, rows));
      });
    modelOptions(command);
  },
};

function knownType({ layers }: Model, type: string): string {
  const types = [...new Set(layers.map((layer) => layer.type))];
  const known = types.find((other) => other.toLowerCase() === type.toLowerCase());
  if (known) return known;
  throw new UserError(
    `There is no layer of type "${type}"; the types are ${listNames(types, types.length)}.`,
  );
}

function rowsOf(model: Model): Row[] {
  const { graph } = model;
  const fields = receptiveFields(graph);
  const targets = new Set(targetLayers(model));
  const chosen = defaultLayer(model);
  return model.layers.map((layer, index) => ({
    index,
    name: layer.name,
    type: layer.type,
    shape: graph.values.get(layer.output)!.shape!.slice(1).map(Number),
    parameters: countNumbers(graph, layer.parameters) + countNumbers(graph, layer.statistics),
    field: fields.get(layer.output) ?? "all",
    target: targets.has(layer),
    default: layer === chosen,
  }));
}

const columns: readonly Column<Row>[] = [
  { heading: "", cell: (row) => (row.default ? "*" : "") },
  { heading: "#", cell: ({ index }) => String(index), numeric: true },
  { heading: "layer", cell: ({ name }) => name },
  { heading: "type", cell: ({ type }) => type },
  { heading: "shape", cell: ({ shape }) => shape.join("×") },
  { heading: "parameters", cell: ({ parameters }) => parameters.toLocaleString("en-US"), numeric: true },
  { heading: "sees", cell: ({ field }) => (field === "all" ? "all" : pixels(field.size)), numeric: true },
  { heading: "stride", cell: ({ field }) => (field === "all" ? "" : pixels(field.stride)), numeric: true },
  { heading: "explain", cell: ({ target }) => (target ? "yes" : "") },
];

/** `18`, or `18×12` where height and width differ. */
function pixels([height, width]: readonly [number, number]): string {
  const text = (value: number): string => String(Math.round(value * 100) / 100);
  return height === width ? text(height) : `${text(height)}×${text(width)}`;
}
