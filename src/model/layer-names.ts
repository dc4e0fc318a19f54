import type { Graph, Node } from "../graph/graph.ts";
import type { LayerGroup } from "./layer-groups.ts";

/** Names of weights within their layer, in the words of PyTorch, Keras, MXNet and Caffe, and as ONNX Runtime's quantizer leaves them. */
const roles =
  /([./_](weight|bias|kernel|gamma|beta|running_mean|running_var|moving_mean|moving_variance)|[./](scale|w|b)|_[wb]_0)(:0|_quantized)?$/i;

/** Operators through which a weight passes on its way to where it is used. */
const carriers = new Set(["Transpose", "Identity", "Cast", "Reshape", "Unsqueeze", "DequantizeLinear"]);

/** Constants that the group reads as real numbers: every name they bear on the way, the initializer's last. */
export function weightsOf(graph: Graph, made: ReadonlyMap<string, Node>, { nodes }: LayerGroup): string[][] {
  return nodes
    .flatMap((node) => node.inputs)
    .flatMap((input) => {
      const names = [input];
      let quantized = false;
      for (let name = input; !graph.initializers.has(name); ) {
        const node = made.get(name);
        if (!node || !carriers.has(node.op)) return [];
        quantized ||= node.op === "DequantizeLinear";
        name = node.inputs[0]!;
        names.push(name);
      }
      const weight = graph.initializers.get(names.at(-1)!)!;
      // Scalars are settings.
      return (quantized || weight.dtype === "float32") && weight.shape.length > 0 ? [names] : [];
    });
}

interface Nameable extends LayerGroup {
  readonly type: string;
  readonly weights: readonly (readonly string[])[];
}

/** A name for each group, no two alike: its module's, with `_1`, `_2`, … where that is called again. */
export function namesOf(groups: readonly Nameable[]): string[] {
  const scopes = new Map(groups.map((group) => [group, scopeOf(group)]));
  const owners = ownersOf(scopes);
  const taken = new Set<string>();
  return groups.map((group) => {
    const scope = scopes.get(group)!;
    const kind = (group.nodes.length > 1 ? group.type : group.nodes[0]!.op).toLowerCase();
    const own = owners.has(group) ? scope : [scope, kind].filter(Boolean).join(".");
    let name = own;
    for (let count = 1; taken.has(name); count++) name = `${own}_${count}`;
    taken.add(name);
    return name;
  });
}

/**
 * The module that a layer belongs to: `features.0`. The path that PyTorch's exporter gives its nodes says it, its weights
 * (`features.0.weight`) where there is none or they say more; or else the name of what it makes.
 */
function scopeOf({ nodes, weights }: Nameable): string {
  const { name, outputs } = nodes.at(-1)!;
  const path = name.startsWith("/") ? moduleOf(name) : undefined;
  const named = weights.flat().filter((weight) => roles.test(weight));
  // Weights that are equal may bear one layer's name in another.
  const own = named
    .map((weight) => weight.replace(roles, ""))
    .find((scope) => `${scope}.`.startsWith(path ? `${path}.` : ""));
  if (own !== undefined) return own;
  if (path !== undefined) return path;
  const [output] = outputs as readonly [string, ...string[]];
  // TensorFlow's names end in the operator.
  if (output.endsWith(":0")) return output.replace(/(\/[^/]*)?:0$/, "");
  // Older exporters of PyTorch number what they make.
  return /^(\d+|(input|onnx::\w+)\.\d+)$/.test(output) ? "" : output.replace(/\/own$/, "");
}

/** `/features/features.0/conv/Conv` → `features.0.conv`: a Sequential's parts repeat its name. */
function moduleOf(path: string): string {
  const modules: string[] = [];
  for (const part of path.split("/").slice(1, -1)) {
    if (part.startsWith(`${modules.at(-1)}.`)) modules.pop();
    modules.push(part);
  }
  return modules.join(".");
}

/** Of the layers of a module the one that is called as it: the one with its weights, each time it is called, or the only one. */
function ownersOf(scopes: ReadonlyMap<Nameable, string>): Set<Nameable> {
  const members = new Map<string, Nameable[]>();
  for (const [group, scope] of scopes) members.set(scope, [...(members.get(scope) ?? []), group]);
  const inner = new Set([...members.keys()].flatMap(ancestors));
  const owners = new Set<Nameable>();
  for (const [scope, groups] of members) {
    if (scope === "") continue;
    const weighted = groups.filter(({ weights }) => weights.length > 0);
    const [first] = weighted;
    const shared = weighted.every(({ weights }) => weights[0]!.at(-1) === first!.weights[0]!.at(-1));
    if (first && shared) for (const group of weighted) owners.add(group);
    else if (!first && groups.length === 1 && !inner.has(scope)) owners.add(groups[0]!);
  }
  return owners;
}

/** `a.b.c` → `a.b`, `a`: what contains other modules is none of one layer. */
function ancestors(scope: string): string[] {
  const parts = scope.split(".");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("."));
}
