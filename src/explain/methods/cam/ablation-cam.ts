import * as op from "../../../graph/operators/index.ts";
import { type Grid, gridOf } from "../../../model/grid.ts";
import { own } from "../../ask.ts";
import { layerMaps, weightedSum } from "../../cam/layer-maps.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { asTheyAre, SCORE, scoreIn } from "../../questions.ts";
import type { Question, Subject } from "../../subject.ts";

const ACTIVATION = "ablated/activation";

/**
 * Ablation-CAM, Desai and Ramaswamy 2020 (WACV): by how much the score drops when a channel is zero. Only the part
 * of the network behind the layer is run for that. The paper divides the drops by the score, which turns the map over where that
 * is negative; with `relative` they are.
 */
export const ablationCam: AskingMethod<Options<"relative">> = {
  name: "ablation-cam",
  title: "Ablation-CAM",
  summary: "channels weighted by how much the score drops without them; no gradient",
  formula: "raw = sum_k w_k A_k, w_k = score - score with A_k = 0; with relative = true divided by the score",
  paper: "Desai and Ramaswamy 2020, WACV, doi:10.1109/WACV45572.2020.9093360",
  limits:
    "One pass of the layers behind for each channel. Channels that stand in for each other are each found useless; zero is not nothing where activations are negative too.",
  cost: "1 forward of what lies behind the layer for each channel",
  at: "maps",
  sign: "positive",
  options: { relative: false },
  async explain(subject, { relative }) {
    const { graph } = subject.model;
    const { output } = subject.layer;
    const maps = await layerMaps(subject);
    const { channels } = maps;
    const clean = asTheyAre(subject);
    const whole = await wholeAnswers(subject);
    const weights = whole.map(() => new Float64Array(channels));
    const grid = gridOf(graph, output)!;
    const rows = {
      count: whole.length * channels,
      picture: (row: number) => Math.floor(row / channels),
      write(row: number, into: Readonly<Record<string, Float32Array>>) {
        const [picture, activation] = [rows.picture(row), into[ACTIVATION]!];
        // Skips past the layer read the picture.
        if (into.input) clean.write(picture, into);
        activation.set(whole[picture]!.activation);
        clearChannel(activation, row % channels, channels, grid);
      },
    };
    const behind: Question = {
      key: "score of an activation",
      instead: { value: output, write: (g, shape) => op.identity(g, own(g, ACTIVATION, shape)) },
      write: ({ g, explained, seed }) => ({ [SCORE]: scoreIn(g, explained, seed) }),
    };
    await subject.ask(behind, rows, (row, { score }) => {
      const picture = rows.picture(row);
      const full = whole[picture]!.score;
      const drop = full - score![0]!;
      weights[picture]![row % channels] = relative ? drop / full : drop;
    });
    return { values: weightedSum(maps, weights) };
  },
};

/** Of each picture the layer's activation, in the network's own layout, and the score. */
async function wholeAnswers(
  subject: Subject,
): Promise<{ readonly activation: Float32Array; readonly score: number }[]> {
  const question: Question = {
    key: "activation and score",
    write: ({ g, layer, explained, seed }) => ({
      activation: g.value(layer.output),
      [SCORE]: scoreIn(g, explained, seed),
    }),
  };
  const found: { activation: Float32Array; score: number }[] = [];
  await subject.ask(question, asTheyAre(subject), (row, { activation, score }) => {
    found[row] = { activation: activation!.slice(), score: score![0]! };
  });
  return found;
}

/** Makes one of the channels of an activation zero, in all places and leading tokens. */
function clearChannel(activation: Float32Array, channel: number, channels: number, { layout }: Grid): void {
  const size = activation.length / channels;
  if (layout === "NCHW") activation.fill(0, channel * size, (channel + 1) * size);
  else for (let at = channel; at < activation.length; at += channels) activation[at] = 0;
}
