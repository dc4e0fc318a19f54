import { UserError } from "../base/errors.ts";
import type { Picture } from "../base/picture.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import type { Program, Tensors } from "../engine/engine.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { entering, extract, type Graph, staticShapeAfterBatch } from "../graph/graph.ts";
import { graphFor } from "../model/batch.ts";
import { checkClassifier } from "../model/classifier.ts";
import { type Model, TARGET } from "../model/model.ts";
import { preprocess } from "../model/preprocessing.ts";
import { answering, answersIn } from "./ask.ts";
import { type ExplainOptions, findMethod } from "./explain.ts";
import { type Explanation, explanationOf } from "./explanation.ts";
import { layerOf } from "./layer.ts";
import { foundIn, writeOnce } from "./once.ts";
import { withDefaults } from "./option.ts";
import { explainedValue, type TargetSpec, targetsOf } from "./target.ts";

/** A picture to be watched. */
export interface Watched {
  readonly picture: Picture;
  /** The class to explain; the most probable one, which may change, unless said. */
  readonly target?: TargetSpec;
}

/** The same pictures explained again and again while a network learns. */
export interface Watch {
  /**
   * Explains each of them with these weights in the place of the network's own, by their names. Tensors that are none of its
   * constants, as an optimizer's, are passed over; so a training state's may be given as they are.
   */
  look(weights: ReadonlyMap<string, Tensor<"float32">>): Promise<Explanation[]>;
  /** Frees the memory of what was compiled. */
  dispose(): Promise<void>;
}

/** An explanation's graph in which some weights are inputs, ready to run. */
interface Compiled {
  readonly weights: readonly string[];
  readonly program: Program;
  /** Of each picture, what does not change with the weights. */
  readonly feeds: readonly Tensors[];
}

/**
 * Watches pictures while a network learns. The weights that change are inputs of a graph that is compiled once, and where all of them lie
 * behind the layer that is explained at, as those of a new head do, the activation there is computed but once.
 * @throws UserError when method, target or layer does not exist
 */
export function watch(
  model: Model,
  pictures: readonly Watched[],
  {
    method: name = "grad-cam",
    options: given,
    layer: layerName,
  }: Pick<ExplainOptions, "method" | "options"> & { readonly layer?: string } = {},
): Watch {
  checkClassifier(model, model.source);
  const method = findMethod(name);
  if (!("write" in method))
    throw new UserError(
      `${method.name} asks the network many things; choose a method that is a single graph to watch with.`,
    );
  const options = withDefaults(method, given);
  const layer = layerOf(model, method, layerName);
  const targets = targetsOf(model, model.graph, pictures.length, {
    target: pictures.map(({ target = "top" }) => target),
  });
  const value = explainedValue(model);
  let compiled: Compiled | undefined;

  const compile = async (weights: readonly string[]): Promise<Compiled> => {
    // One picture at a time is what every network takes, and gives a picture the same bits whatever stands beside it.
    const graph = (await graphFor(model, 1))!;
    const { graph: explained } = answering(withInputs(graph, weights), model.input, {
      ...{ value, layer },
      write: (context) => writeOnce(method, context, options),
    });
    const inputs = pictures.map(({ picture }, at) => {
      const weight =
        targets[at]!.seed ?? new Float32Array(staticShapeAfterBatch(graph.values.get(value)!)[0]!);
      return {
        [model.input.name]: preprocess(model.input, [picture]),
        [TARGET]: float32([1, weight.length], weight),
      };
    });
    const trunk = layer && extract(graph, [layer.output]);
    if (!trunk || weights.some((weight) => trunk.initializers.has(weight)))
      return { weights, program: await model.engine.compile(explained), feeds: inputs };
    const activations = await runEach(model, trunk, inputs);
    const program = await model.engine.compile(entering(explained, layer.output));
    return { weights, program, feeds: inputs.map((feeds, at) => ({ ...feeds, ...activations[at]! })) };
  };

  const dispose = async (): Promise<void> => {
    const open = compiled;
    compiled = undefined;
    await open?.program.dispose();
  };

  return {
    async look(weights) {
      const changing = [...weights.keys()].filter((key) => model.graph.initializers.has(key));
      if (compiled?.weights.join("\n") !== changing.join("\n")) await dispose();
      compiled ??= await compile(changing);
      const { program, feeds } = compiled;
      const constants = Object.fromEntries(changing.map((key) => [key, weights.get(key)!]));
      const explanations: Explanation[] = [];
      for (const [at, feed] of feeds.entries()) {
        const results = answersIn(await program.run({ ...constants, ...feed }));
        const { said, ...found } = foundIn(model, results);
        const how = { method, options, layer, model, passes: { forward: 1, backward: 1 } };
        explanations.push(explanationOf(how, found, 0, targets[at]!, said[0]!));
      }
      return explanations;
    },
    dispose,
  };
}

/** The graph with some of its constants as inputs. */
function withInputs(graph: Graph, names: readonly string[]): Graph {
  const g = new GraphBuilder(graph);
  for (const name of names) g.promote(name);
  return g.finish(graph.name, Object.fromEntries(graph.outputs.map((value) => [value.name, value])));
}

async function runEach({ engine }: Model, graph: Graph, feeds: readonly Tensors[]): Promise<Tensors[]> {
  const program = await engine.compile(graph);
  try {
    const results: Tensors[] = [];
    for (const feed of feeds) results.push(await program.run(feed));
    return results;
  } finally {
    await program.dispose();
  }
}
