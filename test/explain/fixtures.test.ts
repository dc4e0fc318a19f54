import { describe, expect, test } from "vitest";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { subjectOf } from "../../src/explain/ask.ts";
import { baselinesOf } from "../../src/explain/baseline.ts";
import { expectedGradientsOf } from "../../src/explain/expected-gradients.ts";
import { type ExplainOptions, explain } from "../../src/explain/explain.ts";
import type { Explanation } from "../../src/explain/explanation.ts";
import { gradientMoments } from "../../src/explain/noisy-gradients.ts";
import { targetsOf } from "../../src/explain/target.ts";
import { expectClose, type Fixture, fixture, fixtureNames } from "./reference.ts";

/** Holds one expected tensor of a case against ours. */
type Comparison = (fixture: Fixture, name: string) => Promise<void>;

/** What a comparison asks for; options may come from the case. */
type Request = ExplainOptions | ((fixture: Fixture) => ExplainOptions);

/** What was explained once in a case is compared with all tensors that tell of it. */
const explained = new WeakMap<Fixture, Map<Request, Promise<Explanation>>>();

function explanation(given: Fixture, request: Request): Promise<Explanation> {
  const known = explained.get(given) ?? new Map<Request, Promise<Explanation>>();
  explained.set(given, known);
  const { model, input, target, layer } = given;
  const options = typeof request === "function" ? request(given) : request;
  const at = /cam|conductance/.test(options.method!) ? { layer } : {};
  const found = known.get(request) ?? explain(model, input, { target, ...at, ...options });
  known.set(request, found);
  return found;
}

const raw =
  (request: Request): Comparison =>
  async (given, name) =>
    compare((await explanation(given, request)).raw, given, name);

const scaled =
  (request: Request): Comparison =>
  async (given, name) =>
    compare((await explanation(given, request)).attribution, given, name);

/** Compares what has the expected numbers in the same order; leading extents aside, over which ours is the same. */
function compare(actual: Tensor<"float32">, given: Fixture, name: string): void {
  const expected = given.tensor(name);
  expect(expected.shape.slice(-actual.shape.length)).toEqual(actual.shape);
  const repeated = expected.data.map((_, at) => actual.data[at % actual.data.length]!);
  expectClose(float32(expected.shape, repeated), expected, given.about(name));
}

/** Weights of the channels are told by the map that they make of the activation. */
const weights =
  (request: Request): Comparison =>
  async (given, name) => {
    const [activation, weight] = [given.tensor("activation"), given.tensor(name)];
    const { raw } = await explanation(given, request);
    const tokens = activation.shape.length === 3;
    const channels = weight.data.length;
    const places = raw.data.length;
    const skip = tokens ? activation.shape[1]! - places : 0;
    const map = raw.data.map((_, place) =>
      weight.data.reduce((sum, value, channel) => {
        const at = tokens ? (skip + place) * channels + channel : channel * places + place;
        return sum + value * activation.data[at]!;
      }, 0),
    );
    expectClose(raw, float32(raw.shape, map), given.about(name.replace(".weights", ".raw")));
  };

/** Principal components, whose sign nobody can know: ours is held against whichever it is. */
const component = (request: Request): Record<"raw" | "scaled" | "scaledNegative", Comparison> => {
  const turned = async (given: Fixture, name: string): Promise<boolean> => {
    const expected = given.tensor(name.replace(/\.\w+$/, ".raw"));
    const { raw } = await explanation(given, request);
    return expected.data.reduce((sum, value, at) => sum + value * raw.data[at]!, 0) < 0;
  };
  return {
    async raw(given, name) {
      const { raw } = await explanation(given, request);
      const sign = (await turned(given, name)) ? -1 : 1;
      compare(
        float32(
          raw.shape,
          raw.data.map((value) => sign * value),
        ),
        given,
        name,
      );
    },
    async scaled(given, name) {
      if (!(await turned(given, name))) compare((await explanation(given, request)).attribution, given, name);
    },
    async scaledNegative(given, name) {
      if (await turned(given, name)) compare((await explanation(given, request)).attribution, given, name);
    },
  };
};

const check =
  (request: Request, name: string): Comparison =>
  async (given, tensor) => {
    const { checks } = await explanation(given, request);
    compare(float32([1], [checks[name]!]), given, tensor);
  };

/** A subject to be asked with draws that the case recorded. */
function subjectIn({ model, input, target }: Fixture): ReturnType<typeof subjectOf> {
  const targets = targetsOf(model, model.graph, 1, { target });
  return subjectOf(model, { inputs: input, targets, layer: undefined, seed: 0, method: "recorded" });
}

const expectedGradients: Comparison = async (given, name) => {
  const subject = subjectIn(given);
  const draws = [...given.tensor("alphas").data].map((alpha, baseline) => ({ alpha, baseline }));
  const baselines = baselinesOf(subject, given.tensor("baselines"));
  const values = await expectedGradientsOf(subject, baselines, draws);
  compare(float32(given.input.shape, values), given, name);
};

/** The moments of the gradient under the noise that the case recorded. */
const moments =
  (moment: (first: number, second: number) => number): Comparison =>
  async (given, name) => {
    const { input } = given;
    const noise = given.tensor("noise");
    const subject = subjectIn(given);
    const [samples] = noise.shape as [number];
    const size = input.data.length;
    const { first, second } = await gradientMoments(subject, samples, (_, sample, to) => {
      for (let at = 0; at < size; at++) to[at]! += noise.data[sample * size + at]!;
    });
    const values = Float32Array.from(first, (value, at) => moment(value, second[at]!));
    compare(float32(input.shape, values), given, name);
  };

const cam = (method: string): ExplainOptions => ({ method, convention: "pytorch-grad-cam" });
const captum = (method: string, options: ExplainOptions["options"] = {}): ExplainOptions => ({
  method,
  options,
  convention: "captum",
});

const gradCam = cam("grad-cam");
const gradCamPlusPlus = cam("grad-cam-plus-plus");
const xgradCam = cam("xgrad-cam");
const hiresCam = cam("hires-cam");
const layerCam = cam("layer-cam");
const elementwise = cam("grad-cam-elementwise");
const scoreCam = cam("score-cam");
const ablationCam = cam("ablation-cam");
const fullGrad = cam("full-grad");
const eigenCam = component(cam("eigen-cam"));
const eigenGradCam = component(cam("eigen-grad-cam"));
const trapezoid = captum("integrated-gradients", { rule: "riemann-trapezoid" });
const gaussLegendre = captum("integrated-gradients");

const comparisons: Readonly<Record<string, Comparison>> = {
  saliency: raw(captum("saliency", { absolute: false })),
  input_x_gradient: raw(captum("input-x-gradient")),
  "integrated_gradients.riemann_trapezoid": raw(trapezoid),
  "integrated_gradients.riemann_trapezoid.delta": check(trapezoid, "completeness"),
  "integrated_gradients.gausslegendre": raw(gaussLegendre),
  "integrated_gradients.gausslegendre.delta": check(gaussLegendre, "completeness"),
  "integrated_gradients.trapezoid_exact": raw({
    method: "integrated-gradients",
    options: { rule: "trapezoid", steps: 50 },
  }),
  smoothgrad: moments((first) => first),
  smoothgrad_squared: moments((_, second) => second),
  vargrad: moments((first, second) => second - first ** 2),
  expected_gradients: expectedGradients,
  guided_backprop: raw(captum("guided-backprop")),
  deconvolution: raw(captum("deconvnet")),
  guided_grad_cam: raw(captum("guided-grad-cam")),
  captum_layer_gradcam: raw(captum("grad-cam")),
  "deep_lift.zero": raw(captum("deep-lift")),
  "deep_lift.baseline": raw(({ tensor }) => captum("deep-lift", { baseline: tensor("baseline") })),
  deep_lift_shap: raw(({ tensor }) => captum("deep-lift-shap", { baseline: tensor("baselines") })),
  occlusion: raw(captum("occlusion", { window: 8, stride: 4, baseline: "zero" })),
  feature_ablation: raw(({ tensor }) =>
    captum("feature-ablation", { mask: tensor("feature_mask"), baseline: "zero" }),
  ),
  "gradcam.raw": raw(gradCam),
  "gradcam.weights": weights(gradCam),
  "gradcam.scaled": scaled(gradCam),
  "gradcam_pp.raw": raw(gradCamPlusPlus),
  "gradcam_pp.weights": weights(gradCamPlusPlus),
  "gradcam_pp.scaled": scaled(gradCamPlusPlus),
  "xgradcam.raw": raw(xgradCam),
  "xgradcam.weights": weights(xgradCam),
  "xgradcam.scaled": scaled(xgradCam),
  "hirescam.raw": raw(hiresCam),
  "hirescam.scaled": scaled(hiresCam),
  "layercam.raw": raw(layerCam),
  "layercam.scaled": scaled(layerCam),
  "gradcam_elementwise.raw": raw(elementwise),
  "gradcam_elementwise.scaled": scaled(elementwise),
  "scorecam.raw": raw(scoreCam),
  "scorecam.weights": weights(scoreCam),
  "scorecam.scaled": scaled(scoreCam),
  "ablationcam.raw": raw(ablationCam),
  "ablationcam.weights": weights(ablationCam),
  "ablationcam.scaled": scaled(ablationCam),
  "eigencam.raw": eigenCam.raw,
  "eigencam.scaled": eigenCam.scaled,
  "eigencam.scaled_negative": eigenCam.scaledNegative,
  "eigengradcam.raw": eigenGradCam.raw,
  "eigengradcam.scaled": eigenGradCam.scaled,
  "eigengradcam.scaled_negative": eigenGradCam.scaledNegative,
  "fullgrad.raw": raw(fullGrad),
  "fullgrad.scaled": scaled(fullGrad),
};

/** What the methods are given. */
const inputs = ["input", "noise", "baseline", "baselines", "alphas", "feature_mask"];

/** Compared where the forward pass and plain differentiation are, and where training is. */
const elsewhere =
  /^(logits|activation|activation_grad|input_grad|output|output_input_grad|(train|eval|optim)\..*)$/;

// A file without a test is an error, and without the cases there would be none.
test.skipIf(fixtureNames.length === 0)("there are cases", () => {
  expect(fixtureNames.length).toBeGreaterThanOrEqual(13);
});

describe.each(fixtureNames)("%s", async (name) => {
  const given = await fixture(name);
  const due = given.names.filter((wanted) => !inputs.includes(wanted) && !elsewhere.test(wanted));

  test("has no tensor that is not compared", () => {
    expect(due.filter((wanted) => !(wanted in comparisons))).toEqual([]);
  });

  test.each(due)("%s", (wanted) => comparisons[wanted]?.(given, wanted));
});
