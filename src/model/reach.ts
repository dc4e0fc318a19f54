import type { Graph, Node } from "../graph/graph.ts";
import { activationNames, numbersOf, readersOf } from "./dataflow.ts";
import type { Grid } from "./grid.ts";
import { LOGITS } from "./model.ts";

/** Says of an activation what becomes of its places on the way to the scores. */
interface Reach {
  /**
   * Whether its places bear on the scores. In a vision transformer with a class token those behind the last attention do not: only
   * the class token is read on.
   */
  matters(output: string, grid: Grid): boolean;
  /** Whether only pooling and activations without weights lie behind: then its channels are the classes' own maps. */
  isClassMaps(output: string, grid: Grid): boolean;
}

/** Operators that leave channels apart. */
const channelwise =
  /^(Relu|Clip|(Global)?(Average|Max)Pool|Reduce(Mean|Max)|Flatten|Reshape|Squeeze|Transpose|Identity|Cast|Dropout|Log|(Log)?Softmax|Sigmoid)$/;

/** Operators that join places, whatever they read. */
const joining = /^(Conv|(Global)?(Average|Max|Lp)Pool|Attention|MultiHeadAttention|Resize|Flatten)$/;

/** @param graph a network's, with its shapes */
export function reachIn(graph: Graph): Reach {
  const activations = activationNames(graph);
  const readers = readersOf(graph);
  const columns = graph.values.get(LOGITS)!.shape![1];

  /** A product of two activations, as attention's, lets each place read all others. */
  const joins = ({ op, inputs }: Node): boolean =>
    joining.test(op) ||
    ((op === "MatMul" || op === "Einsum") && inputs.filter((name) => activations.has(name)).length > 1);

  /** Whether the node keeps leading tokens alone of `[N, T, C]`. */
  const cuts = (node: Node, name: string, { skip, height, width }: Grid): boolean => {
    const shape = graph.values.get(name)?.shape;
    const leading = Math.max(skip, 1);
    if (shape?.length !== 3 || shape[1] !== skip + height * width) return false;
    if (node.op === "Gather") {
      const axis = node.attributes.axis?.type === "int" ? node.attributes.axis.value : 0;
      const picked = numbersOf(graph, node.inputs[1]);
      return (axis === 1 || axis === -2) && !!picked?.every((index) => index >= 0 && index < leading);
    }
    if (node.op !== "Slice") return false;
    const [starts, ends, axes] = node.inputs.slice(1, 4).map((input) => numbersOf(graph, input));
    const at = axes?.findIndex((axis) => axis === 1 || axis === -2) ?? -1;
    return at >= 0 && (starts?.[at] ?? -1) >= 0 && ends![at]! >= 0 && ends![at]! <= leading;
  };

  return {
    matters(output, grid) {
      const seen = new Set<string>();
      const open = [{ name: output, joined: grid.layout !== "NTC" }];
      for (let next = open.pop(); next; next = open.pop()) {
        const { name, joined } = next;
        if (name === LOGITS) return true;
        const key = `${joined} ${name}`;
        if (seen.has(key)) continue;
        seen.add(key);
        for (const node of readers.get(name) ?? []) {
          if (!joined && cuts(node, name, grid)) continue;
          for (const made of node.outputs) open.push({ name: made, joined: joined || joins(node) });
        }
      }
      return false;
    },
    isClassMaps(output, { layout }) {
      if (graph.values.get(output)?.shape?.at(layout === "NCHW" ? 1 : -1) !== columns) return false;
      const open = [output];
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        if (name === LOGITS) continue;
        const nodes = readers.get(name) ?? [];
        if (nodes.some(({ op }) => !channelwise.test(op))) return false;
        open.push(...nodes.flatMap(({ outputs }) => outputs));
      }
      return true;
    },
  };
}
