import { sha256 } from "../../../base/hash.ts";
import { bytesOf, float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";

/** Numbers from nowhere, drawn for each picture by what it holds, so that a batch equals its singles. */
export const random: AskingMethod<Options<"grid">> = {
  name: "random",
  title: "Random map",
  summary: "chance: what any method must beat",
  formula: "raw = uniform in [0, 1), grid * grid cells, drawn by seed and picture",
  paper: "none; a control",
  limits: "It explains nothing. A method whose measures are no better than its own has shown nothing.",
  cost: "none",
  at: "input",
  sign: "positive",
  options: { grid: 7 },
  async explain({ inputs, random }, { grid }) {
    const [count] = inputs.shape as [number];
    const size = inputs.data.length / count;
    const values = float32([count, grid, grid], new Float32Array(count * grid * grid));
    for (let picture = 0; picture < count; picture++) {
      const pixels = float32([size], inputs.data.subarray(picture * size, (picture + 1) * size));
      const source = random("map", await sha256(bytesOf(pixels)));
      for (let cell = 0; cell < grid * grid; cell++)
        values.data[picture * grid * grid + cell] = source.next();
    }
    return { values };
  },
};
