import type { Value } from "../graph/graph.ts";

/** A node, or what stands for some: the names of the values that it reads and makes. */
interface Step {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Those of the steps through which `of` depends on any of `wrt`, in running order. */
export function between<S extends Step>(steps: readonly S[], wrt: readonly Value[], of: Value): S[] {
  const after = new Set(wrt.map((value) => value.name));
  const downstream = steps.filter((step) => {
    const touched = step.inputs.some((name) => after.has(name));
    if (touched) for (const output of step.outputs) if (output) after.add(output);
    return touched;
  });
  const before = new Set([of.name]);
  return downstream
    .toReversed()
    .filter((step) => {
      const leads = step.outputs.some((name) => before.has(name));
      if (leads) for (const input of step.inputs) if (input) before.add(input);
      return leads;
    })
    .toReversed();
}
