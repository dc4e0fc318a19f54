import type { UserError } from "../../../base/errors.ts";
import type { Shape, Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import type { SavedWeight } from "../saved-model.ts";
import { isFields, type Settings, settingsOf } from "../settings.ts";
import { type Building, enter, type Place, refusal } from "./building.ts";
import { layerRules } from "./layers/index.ts";
import type { Argument, LayerCall, LayerRule } from "./layers/layer.ts";
import { operationNamed } from "./operations/index.ts";
import type { SavedLayer } from "./saved-layers.ts";
import { weightConstant } from "./weight.ts";

export interface Arguments {
  readonly args: readonly Argument[];
  readonly kwargs: Readonly<Record<string, Argument>>;
}

/** Elements of one picture's tensor that no engine holds. */
const MOST_ELEMENTS = 2 ** 31;

/**
 * Writes the nodes of a layer that is no model.
 * @returns its outputs, several where it is an operation such as split
 * @throws UserError when there is no rule for it, or its settings, tensors and weights do not fit each other
 */
export function callLayer(building: Building, layer: SavedLayer, place: Place, given: Arguments): Value[] {
  const { g, saved } = building;
  const refuse = refusal(building, place, layer.class_name);
  const weights = saved.weights(place.path);
  const fresh: Fresh = { parameters: [], statistics: [] };
  const cursor = { taken: 0 };
  const outputs = g.scope(place.title.join("/"), () => {
    const passed = new Set(tensorsIn(given).map(({ name }) => name));
    return write({ building, place, weights, fresh, refuse }, layer, given, cursor).map((y) =>
      passed.has(y.name) ? op.identity(g, y) : y,
    );
  });
  if (cursor.taken < weights.length)
    throw refuse(
      `takes ${cursor.taken} weights, but the file has ${weights.length} for it; save the model again.`,
    );
  for (const { shape } of outputs) checkShape(shape!, refuse);
  enter(building, {
    name: place.title.join("/"),
    type: layer.class_name,
    output: outputs[0]!.name,
    parameters: fresh.parameters,
    ...(fresh.statistics.length > 0 ? { statistics: fresh.statistics } : {}),
  });
  return outputs;
}

/** Names of the weights that no call before has taken. */
interface Fresh {
  readonly parameters: string[];
  readonly statistics: string[];
}

interface Writing {
  readonly building: Building;
  readonly place: Place;
  readonly weights: readonly SavedWeight[];
  readonly fresh: Fresh;
  readonly refuse: (why: string) => UserError;
}

/** @param cursor how many of the layer's weights are taken */
function write(writing: Writing, layer: SavedLayer, given: Arguments, cursor: { taken: number }): Value[] {
  const { building, place, weights, fresh, refuse } = writing;
  const { g, order, dialect } = building;
  let next = cursor.taken;
  const taking =
    (names: string[]): LayerCall["weight"] =>
    (role, shape, turn) => {
      const weight = weights[next++];
      const fits = weight && weight.shape.join() === shape.join();
      if (!weight || !fits)
        throw refuse(
          `needs ${role} [${shape.join(", ")}], ${weight ? `but ${weight.name} is [${weight.shape.join(", ")}]` : "which the file has not"}; save the model again.`,
        );
      cursor.taken = Math.max(cursor.taken, next);
      const name = [...place.path, role].join("/");
      const known = building.weights.get(name);
      if (known && known.shape!.length !== (turn?.shape ?? shape).length)
        throw refuse("is called with tensors of different numbers of axes, which is not known here.");
      if (known) return known;
      const value = g.add(weightConstant(name, weight, turn));
      building.weights.set(name, value);
      names.push(name);
      return value;
    };
  const call: LayerCall = {
    g,
    order,
    dialect,
    settings: settingsOf({ ...(isFields(layer.config) ? layer.config : {}), ...said(given) }, refuse),
    ...given,
    inputs: tensorsIn(given),
    refuse,
    weight: taking(fresh.parameters),
    statistic: taking(fresh.statistics),
    skipRest: () => {
      cursor.taken = weights.length;
    },
    inner: (inside, inputs) => {
      const args = inputs.map((value): Argument => ({ kind: "tensor", value }));
      const inner = { taken: next };
      const [y] = write(writing, inside, { args, kwargs: {} }, inner);
      cursor.taken = Math.max(cursor.taken, inner.taken);
      return y!;
    },
  };
  return [ruleOf(layer, call)(call)].flat();
}

/** What a call says by name and without a tensor, such as `axis` of an operation or `use_causal_mask` of a layer. */
const said = ({ kwargs }: Arguments): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(kwargs).flatMap(([name, argument]) =>
      argument.kind === "constant" && argument.value !== null ? [[name, argument.value]] : [],
    ),
  );

/** @throws UserError when there is none; what the file says of a layer of its own is never run */
function ruleOf(layer: SavedLayer, { settings, refuse }: LayerCall): LayerRule {
  const { class_name: type, module = "keras" } = layer;
  if (type === "Lambda")
    throw refuse(
      "holds Python code, which is never run; put a layer of Keras in its place, or export the model as ONNX.",
    );
  const operation = operationOf(layer, settings);
  const ours = /^(keras|tf_keras|tensorflow|builtins)\b/.test(module);
  const known = ours && Object.hasOwn(layerRules, type) ? layerRules[type] : undefined;
  const rule = operation === undefined ? known : operationNamed(operation);
  if (rule) return rule;
  const what = operation === undefined ? "is of a class" : `does ${operation}`;
  throw refuse(
    `${what} that is not known here; put a layer of Keras in its place, or export the model as ONNX.`,
  );
}

/** The operation behind a layer that Keras made of a call of a function; undefined for other layers. */
function operationOf({ class_name: type, module }: SavedLayer, settings: Settings): string | undefined {
  if (module && /^keras(\.src)?\.ops\b/.test(module)) return type;
  if (type === "TFOpLambda" || type === "SlicingOpLambda") return String(settings.of("function"));
  return undefined;
}

/** All tensors among the arguments, in order. */
export function tensorsIn({ args, kwargs }: Arguments): Value[] {
  const tensors = (argument: Argument): Value[] => {
    if (argument.kind === "list") return argument.items.flatMap(tensors);
    return argument.kind === "tensor" ? [argument.value] : [];
  };
  return [...args, ...Object.values(kwargs)].flatMap(tensors);
}

function checkShape([, ...extents]: Shape, refuse: (why: string) => UserError): void {
  if (!extents.every((extent) => typeof extent === "number" && extent > 0))
    throw refuse(`gives a tensor of [${extents.join(", ")}], which is empty; give a larger picture.`);
  if ((extents as number[]).reduce((size, extent) => size * extent, 1) > MOST_ELEMENTS)
    throw refuse(`gives a tensor of [${extents.join(", ")}] for one picture, which no machine holds.`);
}
