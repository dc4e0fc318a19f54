import { closeModel } from "../../../model/programs.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { runOnce } from "../../once.ts";
import { randomized } from "../../randomized.ts";
import { gradCam } from "../cam/grad-cam.ts";

/** Grad-CAM of a network that has learnt nothing: of each tensor of its weights the numbers in another order. */
export const shuffledWeights: AskingMethod<Options<never>> = {
  name: "shuffled-weights",
  title: "Grad-CAM, weights shuffled",
  summary: "what is left of Grad-CAM where the network has forgotten all that it learnt",
  formula:
    "raw = that of grad-cam, of the network with the numbers of each of its weight tensors in another order",
  paper: "Adebayo et al. 2018, arXiv:1810.03292, section 3; a control",
  limits: "It explains another network. A map that looks like it owes nothing to what the network learnt.",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: {},
  async explain(subject) {
    const { model, random } = subject;
    const forgetful = randomized(model, model.layers, random("weights").below(2 ** 32));
    const { values } = await runOnce(subject.of(forgetful), gradCam, gradCam.options).finally(() =>
      closeModel(forgetful),
    );
    return { values };
  },
};
