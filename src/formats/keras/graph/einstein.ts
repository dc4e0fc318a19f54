import type { Dim, Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { shown } from "../settings.ts";
import type { LayerCall } from "./layers/layer.ts";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const ELLIPSIS = "...";

/**
 * Einstein's summation of tensors in Keras's order by an equation such as `abc,cd->abd`, in which `...` stands for axes that are not named.
 * @throws UserError when it names other axes than the tensors have, or moves the batch
 */
export function einstein(
  { g, refuse }: Pick<LayerCall, "g" | "refuse">,
  equation: string,
  operands: readonly Value[],
): Value {
  const unfit = (): Error => {
    const shapes = operands.map(({ shape }) => `[${shape!.join(", ")}]`);
    return refuse(`sums tensors of ${shapes.join(" and ")} by ${shown(equation)}, which does not fit them.`);
  };
  const [left, right] = equation.replaceAll(" ", "").split("->");
  const written = left!.split(",");
  const free = LETTERS.filter((letter) => !equation.includes(letter));
  const ranks = operands.map(({ shape }) => shape!.length);
  const covered = written.map((term, at) =>
    term.includes(ELLIPSIS) ? (ranks[at] ?? 0) - (term.length - ELLIPSIS.length) : 0,
  );
  const dotted = Math.max(...covered);
  if (
    right === undefined ||
    written.length !== operands.length ||
    dotted > free.length ||
    Math.min(...covered) < 0
  )
    throw unfit();
  // Axes that are not named broadcast from the last.
  const terms = written.map((term, at) =>
    term.replace(ELLIPSIS, free.slice(dotted - covered[at]!, dotted).join("")),
  );
  const result = right.replace(ELLIPSIS, free.slice(0, dotted).join(""));
  const extents = new Map<string, Dim>();
  const fits = terms.every((term, at) => {
    const { shape } = operands[at]!;
    return (
      term.length === shape!.length &&
      [...term].every((label, axis) => {
        const known = extents.get(label) ?? shape![axis]!;
        extents.set(label, known);
        return known === shape![axis];
      })
    );
  });
  const once = [...terms, result].every(
    (labels) => /^[a-z]*$/i.test(labels) && new Set(labels).size === labels.length,
  );
  const known = [...result].every((label) => extents.has(label));
  if (!fits || !once || !known || result[0] !== terms[0]![0]) throw unfit();
  return op.einsum(g, `${terms.join(",")}->${result}`, ...operands);
}
