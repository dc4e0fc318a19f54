import { guided } from "../../../autodiff/rulesets/guided.ts";
import { staticShape } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import type { GraphMethod, Options } from "../../method.ts";
import { gradCam } from "./grad-cam.ts";

/** Guided Grad-CAM, Selvaraju et al. 2017 (arXiv 1610.02391), section 3.2: guided backpropagation times Grad-CAM's positive part, enlarged. */
export const guidedGradCam: GraphMethod<Options<"interpolation">> = {
  name: "guided-grad-cam",
  title: "Guided Grad-CAM",
  summary: "the contours that guided backpropagation finds, in the places that Grad-CAM finds",
  formula: "raw = guided_backprop * enlarged(relu(sum_k mean_hw(d score / d A_k) A_k))",
  paper: "Selvaraju et al. 2017, arXiv:1610.02391, section 3.2",
  limits:
    "The fine structure is guided backpropagation's, which hardly depends on the class or on the weights of late layers; only the rough places are explained.",
  cost: "1 forward, 2 backward",
  at: "maps",
  sign: "signed",
  options: { interpolation: "bilinear" },
  write(context, { interpolation }) {
    const { g, input } = context;
    const [n, , height, width] = staticShape(input) as [number, number, number, number];
    const places = op.relu(g, gradCam.write(context, { combine: "sum" }));
    const maps = op.reshape(g, places, [n, 1, ...staticShape(places).slice(1)]);
    const enlarged =
      interpolation === "bilinear"
        ? op.enlarge(g, maps, height, width)
        : op.resize(g, maps, [2, 3], [height, width], {
            mode: "nearest",
            coordinates: "asymmetric",
            nearest: "floor",
          });
    const [contours] = context.gradient([input], guided);
    return op.mul(g, contours!, enlarged);
  },
};
