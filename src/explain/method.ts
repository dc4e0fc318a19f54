import type { LinearLayer } from "../autodiff/relevance/linear-layer.ts";
import type { LayerRule } from "../autodiff/relevance/share.ts";
import type { Ruleset } from "../autodiff/rule.ts";
import type { Tensor } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Graph, Value } from "../graph/graph.ts";
import type { Layer } from "../model/model.ts";
import type { Preprocessing } from "../model/preprocessing.ts";
import type { OptionName, OptionValues } from "./option.ts";
import type { Subject } from "./subject.ts";

/** What methods have in common, from which the command line, the documentation and the conformance tests follow. */
export interface About<O extends Partial<OptionValues>> {
  readonly name: string;
  /** As papers write it. */
  readonly title: string;
  /** One line for people: what it answers. */
  readonly summary: string;
  /** What the raw map holds, for the record beside it. */
  readonly formula: string;
  /** Authors, year and equation. */
  readonly paper: string;
  /** Where it is known to mislead, in a sentence or two for people. */
  readonly limits: string;
  /** How often the network is run for a picture, by the options' names: `1 forward, 1 backward`, `samples forward`. */
  readonly cost: string;
  /** Whether it runs the network so many thousand times that comparisons leave it out unless it is named. */
  readonly slow?: boolean;
  /** Whether it explains at a layer with places, at any layer, or at the input alone. */
  readonly at: "maps" | "layer" | "input";
  /**
   * How its numbers are read: `signed` ones speak for and against the target; of `positive` ones what lies below zero is cut off in
   * pictures.
   */
  readonly sign: "signed" | "positive";
  /** How the channels of a map `[C, h, w]` become one; their sum unless given. */
  readonly channels?: "sum" | "max";
  /** The options that it takes, with what they are unless given. */
  readonly options: Readonly<O>;
}

/** How a method's numbers are read with some options: magnitudes speak for the target alone, whatever else the method gives. */
export function readingOf(
  { sign, channels = "sum", options: own }: Pick<Method, "sign" | "channels" | "options">,
  { absolute }: Readonly<Partial<OptionValues>>,
): { readonly sign: "signed" | "positive"; readonly channels: "sum" | "max" } {
  if (absolute === undefined || absolute === own.absolute) return { sign, channels };
  return absolute ? { sign: "positive", channels } : { sign: "signed", channels: "sum" };
}

/** A method that is a single graph: the network is run once, and the explanation can be compiled for other hosts. */
export interface GraphMethod<O extends Partial<OptionValues> = Partial<OptionValues>> extends About<O> {
  /** Whether its numbers are meant to sum to the score; what they miss goes into the record as `completeness`. */
  readonly sumsToScore?: boolean;
  /** Writes the raw map, unscaled: `[N, h, w]`, or in the shape of the input or of the layer's activation. */
  write(context: GraphContext, options: Readonly<O>): Value;
}

/** A method that asks the network many things, one after the other. */
export interface AskingMethod<O extends Partial<OptionValues> = Partial<OptionValues>> extends About<O> {
  explain(subject: Subject, options: Readonly<O>): Promise<Attribution>;
}

/** A way to say where the evidence for a target lies in a picture. */
export type Method = GraphMethod | AskingMethod;

/** The options of a method by their names. */
export type Options<K extends OptionName> = Pick<OptionValues, K>;

/** What makes a score: `score = Σ seed · explained`. */
export interface ScoreParts {
  /** The value that is explained, such as the logits `[N, K]`. */
  readonly explained: Value;
  /** Weight of each element of `explained` in the score, in its shape. */
  readonly seed: Value;
}

/** What a graph that explains is written from, for a batch of N. */
export interface GraphContext extends ScoreParts {
  /** Begun with `graph`. */
  readonly g: GraphBuilder;
  /** The network's, with static shapes. */
  readonly graph: Graph;
  /** The network's input `[N, C, H, W]`. */
  readonly input: Value;
  /** How pictures become the input; undefined where nobody said. */
  readonly preprocessing: Preprocessing | undefined;
  /** Where it is explained at. Only for methods at a layer. */
  readonly layer: Layer;
  /** Gradient of the score with respect to each of `wrt`, in their shapes; or of what `from` says instead. */
  gradient(wrt: readonly Value[], rules?: Ruleset, from?: Partial<ScoreParts>): Value[];
  /**
   * Relevance of each element of the input, in its shape, by layer-wise propagation from `start`, that of each element of what is explained.
   */
  relevance(start: Value, ruleOf: (layer: LinearLayer) => LayerRule): Value;
}

/** What a method found for the pictures of a subject. */
export interface Attribution {
  /** `[N, h, w]`, or `[N, …]` in the shape of the input or of the layer's activation. */
  readonly values: Tensor<"float32">;
  /** Numbers for the record, one a picture each: completeness deltas and the like, by name. */
  readonly checks?: Readonly<Record<string, readonly number[]>>;
}
