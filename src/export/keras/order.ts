import type { KerasLayer } from "./keras-layer.ts";

/**
 * The layers that the output depends on, in the order in which Keras has them once it has made the model: the farthest from the output
 * first, then as they are met on the way back from it. Weights in an `.h5` are given to layers by this order, not by name.
 */
export function inKerasOrder(layers: readonly KerasLayer[], output: string): KerasLayer[] {
  const named = new Map(layers.map((layer) => [layer.name, layer]));
  const met = new Map<string, number>();
  const finished: KerasLayer[] = [];
  const meet = (name: string): void => {
    if (met.has(name)) return;
    met.set(name, met.size);
    const layer = named.get(name)!;
    layer.from.forEach(meet);
    finished.push(layer);
  };
  meet(output);
  const depths = new Map([[output, 0]]);
  for (const { name, from } of finished.toReversed())
    for (const before of from) depths.set(before, Math.max(depths.get(before) ?? 0, depths.get(name)! + 1));
  return finished.sort(
    (a, b) => depths.get(b.name)! - depths.get(a.name)! || met.get(a.name)! - met.get(b.name)!,
  );
}
