import { expect, test } from "vitest";
import { randomized } from "../../src/explain/randomized.ts";
import { initializerTensor } from "../../src/graph/graph.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";

const network = smallConvnet({ classes: ["a", "b"], size: 16, filters: [4, 4], units: 8 });
const layer = (name: string) => network.layers.filter((known) => known.name === name);
const numbers = (of: typeof network, name: string): number[] => [
  ...(initializerTensor(of.graph.initializers.get(name)!).data as Float32Array),
];

test("a layer holds the same numbers in another order, and the others what they held", () => {
  const changed = randomized(network, layer("conv2d_1"), 3);
  const [kernel] = layer("conv2d_1")[0]!.parameters as [string];
  expect(numbers(changed, kernel)).not.toEqual(numbers(network, kernel));
  expect(numbers(changed, kernel).sort()).toEqual(numbers(network, kernel).sort());
  for (const { parameters } of network.layers.filter(({ name }) => name !== "conv2d_1"))
    for (const name of parameters) expect(numbers(changed, name)).toEqual(numbers(network, name));
});

test("the order depends on the seed alone, not on what else is shuffled", () => {
  const [kernel] = layer("conv2d_1")[0]!.parameters as [string];
  const alone = numbers(randomized(network, layer("conv2d_1"), 3), kernel);
  expect(numbers(randomized(network, network.layers, 3), kernel)).toEqual(alone);
  expect(numbers(randomized(network, network.layers, 4), kernel)).not.toEqual(alone);
});
