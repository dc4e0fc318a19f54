import { float32, type Tensor } from "../../base/tensor.ts";
import { gridOf } from "../../model/grid.ts";
import { activationMaps } from "../maps.ts";
import { asTheyAre } from "../questions.ts";
import type { Question, Subject } from "../subject.ts";

/** What a layer makes of pictures. */
export interface LayerMaps {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** `[C, h, w]` of each picture. */
  readonly pictures: readonly Float32Array[];
}

const question: Question = {
  key: "activation maps",
  write: (context) => ({ maps: activationMaps(context) }),
};

/** The activation at the subject's layer, whatever its layout. */
export async function layerMaps(subject: Subject): Promise<LayerMaps> {
  const { height, width } = gridOf(subject.model.graph, subject.layer.output)!;
  const pictures: Float32Array[] = [];
  await subject.ask(question, asTheyAre(subject), (row, { maps }) => {
    pictures[row] = maps!.slice();
  });
  return { channels: pictures[0]!.length / (height * width), height, width, pictures };
}

/** `Σ_k w_k A_k` of each picture, `[N, h, w]`. */
export function weightedSum(
  { channels, height, width, pictures }: LayerMaps,
  weights: readonly ArrayLike<number>[],
): Tensor<"float32"> {
  const places = height * width;
  const sums = new Float64Array(pictures.length * places);
  for (const [picture, maps] of pictures.entries())
    for (let channel = 0; channel < channels; channel++) {
      const weight = weights[picture]![channel]!;
      for (let place = 0; place < places; place++)
        sums[picture * places + place]! += weight * maps[channel * places + place]!;
    }
  return float32([pictures.length, height, width], sums);
}
