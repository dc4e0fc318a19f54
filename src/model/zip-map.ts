import { extract, type Graph } from "../graph/graph.ts";

/**
 * The graph up to a ZipMap at its end, and the class names that it joins to the scores: a map is no tensor. Converters of Core ML
 * and Azure's Custom Vision write it (ONNX-ML's operators).
 */
export function withoutZipMap(graph: Graph): { graph: Graph; labels?: readonly string[] } {
  const node = graph.nodes.find(({ domain, op }) => domain === "ai.onnx.ml" && op === "ZipMap");
  if (!node) return { graph };
  const { classlabels_strings: texts, classlabels_int64s: numbers } = node.attributes;
  const scores = extract(graph, [node.inputs[0]!]);
  if (texts?.type === "strings") return { graph: scores, labels: texts.value };
  if (numbers?.type === "ints") return { graph: scores, labels: numbers.value.map(String) };
  return { graph: scores };
}
