import type { UserError } from "../../../base/errors.ts";
import type { Value } from "../../../graph/graph.ts";
import { type Fields, shown } from "../settings.ts";
import type { Arguments } from "./call-layer.ts";
import { type Reference, referencesOf, type SavedArgument, type SavedCall, savedCalls } from "./calls.ts";
import type { Argument } from "./layers/layer.ts";
import { isModel, type NamedLayer, type SavedLayer } from "./saved-layers.ts";

export interface Functional {
  readonly model: SavedLayer;
  readonly layers: readonly NamedLayer[];
  /** Writes a call of a layer; `title` is its name, numbered where it is called again. */
  call(layer: NamedLayer, title: string, given: Arguments): Value[];
  refuse(why: string): UserError;
}

/** A layer with its calls, and what has come out of them so far. */
interface Entry {
  readonly layer: NamedLayer;
  readonly calls: readonly SavedCall[];
  readonly outputs: Value[][];
}

/** Calls the layers of a functional model one after the other, each as soon as what it takes is there. */
export function callFunctional(functional: Functional, inputs: readonly Value[]): Value[] {
  const { model, layers, call, refuse } = functional;
  const config = model.config as Fields;
  const entries = new Map(
    layers.map((layer) => {
      const calls =
        layer.class_name === "InputLayer"
          ? []
          : savedCalls(layer.inboundNodes ?? [], (why) => refuse(`holds "${layer.name}", which ${why}`));
      return [layer.name, { layer, calls, outputs: [] as Value[][] }] as const;
    }),
  );
  const [starts, ends] = [referencesOf(config.input_layers), referencesOf(config.output_layers)];
  if (starts.length !== inputs.length)
    throw refuse(`is called with ${inputs.length} tensors; it takes ${starts.length}.`);
  starts.forEach(({ layer }, at) => {
    entries.get(layer)?.outputs.splice(0, 1, [inputs[at]!]);
  });
  const counting = countingOf([...entries.values()], ends);
  const tensor = (reference: Reference, counted: Counting): Value | undefined => {
    const entry = entries.get(reference.layer);
    return entry?.outputs[reference.node - counted(entry)]?.[reference.tensor];
  };
  const names = new Set(entries.keys());
  let waiting = [...entries.values()].filter(({ calls }) => calls.length > 0);
  while (waiting.length > 0) {
    let moved = false;
    for (const { layer, calls, outputs } of waiting) {
      while (outputs.length < calls.length) {
        const given = resolved(calls[outputs.length]!, (reference) => tensor(reference, counting.calls));
        if (!given) break;
        outputs.push(call(layer, numbered(layer.name, outputs.length, names), given));
        moved = true;
      }
    }
    waiting = waiting.filter(({ calls, outputs }) => outputs.length < calls.length);
    if (!moved)
      throw refuse(
        `does not say where "${waiting[0]!.layer.name}" has its tensors from, or goes round in a circle.`,
      );
  }
  return ends.map((reference) => {
    const value = tensor(reference, counting.outputs);
    if (!value) throw refuse(`has the output ${shown(reference.layer)}, which no layer gives.`);
    return value;
  });
}

/** What number the first of a layer's calls has. */
type Counting = (entry: Entry) => 0 | 1;

/**
 * Calls of a model within a model are counted from 1 by Keras 2, which takes the model's own making for the first, if that did
 * happen; by Keras 3 from 0, but from 1 in the list of outputs unless it is sequential.
 */
function countingOf(
  entries: readonly Entry[],
  ends: readonly Reference[],
): { readonly calls: Counting; readonly outputs: Counting } {
  const calls = entries.flatMap((entry) => entry.calls);
  if (calls.some(({ version }) => version === 3))
    return {
      calls: () => 0,
      outputs: ({ layer }) => (isModel(layer) && layer.class_name !== "Sequential" ? 1 : 0),
    };
  const first = new Set(
    [...calls.flatMap(referencesIn), ...ends].filter(({ node }) => node === 0).map(({ layer }) => layer),
  );
  const count: Counting = ({ layer }) => (isModel(layer) && !first.has(layer.name) ? 1 : 0);
  return { calls: count, outputs: count };
}

function referencesIn({ args, kwargs }: SavedCall): Reference[] {
  const within = (argument: SavedArgument): Reference[] => {
    if (argument.kind === "list") return argument.items.flatMap(within);
    return argument.kind === "reference" ? [argument.reference] : [];
  };
  return [...args, ...Object.values(kwargs)].flatMap(within);
}

/** The arguments with their tensors; undefined while one is missing. */
function resolved(
  { args, kwargs }: SavedCall,
  tensor: (reference: Reference) => Value | undefined,
): Arguments | undefined {
  let missing = false;
  const resolve = (argument: SavedArgument): Argument => {
    if (argument.kind === "list") return { kind: "list", items: argument.items.map(resolve) };
    if (argument.kind === "constant") return argument;
    const value = tensor(argument.reference);
    missing ||= value === undefined;
    return { kind: "tensor", value: value! };
  };
  const given = {
    args: args.map(resolve),
    kwargs: Object.fromEntries(Object.entries(kwargs).map(([name, argument]) => [name, resolve(argument)])),
  };
  return missing ? undefined : given;
}

/** `conv`, and `conv_1`, `conv_2`, … for its later calls, or the next numbers that are no layer's name. */
function numbered(name: string, call: number, names: ReadonlySet<string>): string {
  let number = 0;
  for (let left = call; left > 0; left--) {
    number++;
    while (names.has(`${name}_${number}`)) number++;
  }
  return number === 0 ? name : `${name}_${number}`;
}
