import type { KerasApplication } from "./application.ts";
import type { FunctionalModel, Output } from "./functional-model.ts";
import {
  activation,
  averagePooling2d,
  batchNormalization,
  concatenate,
  conv2d,
  globalAveragePooling2d,
  maxPooling2d,
} from "./layers.ts";

type Kernel = Parameters<typeof conv2d>[2]["kernel"];

/** A convolution's filters and kernel. */
type Step = readonly [filters: number, kernel: Kernel];

/** How windows slide where the size is halved. */
const halving = { strides: 2, padding: "valid" } as const;

/** Convolution, batch normalization without a scale, and ReLU; numbered by Keras. */
function convolution(
  model: FunctionalModel,
  x: Output,
  [filters, kernel]: Step,
  window: { readonly strides?: number; readonly padding?: "valid" | "same" } = { padding: "same" },
): Output {
  const y = conv2d(model, x, { filters, kernel, ...window });
  return activation(model, batchNormalization(model, y, { epsilon: 1e-3, scale: false }), "relu");
}

const chain = (model: FunctionalModel, x: Output, steps: readonly Step[]): Output =>
  steps.reduce((y, step) => convolution(model, y, step), x);

/** The mean around each place, and a 1×1 convolution. */
function pooled(model: FunctionalModel, x: Output, filters: number): Output {
  return convolution(model, averagePooling2d(model, x, { kernel: 3, padding: "same" }), [filters, 1]);
}

/** Figure 5 of the paper. */
function moduleA(model: FunctionalModel, x: Output, name: string, filters: number): Output {
  const branches = [
    chain(model, x, [[64, 1]]),
    chain(model, x, [
      [48, 1],
      [64, 5],
    ]),
    chain(model, x, [
      [64, 1],
      [96, 3],
      [96, 3],
    ]),
    pooled(model, x, filters),
  ];
  return concatenate(model, branches, name);
}

/** Figure 10: half the size. */
function moduleB(model: FunctionalModel, x: Output, name: string): Output {
  const single = convolution(model, x, [384, 3], halving);
  const double = chain(model, x, [
    [64, 1],
    [96, 3],
  ]);
  const branches = [
    single,
    convolution(model, double, [96, 3], halving),
    maxPooling2d(model, x, { kernel: 3, strides: 2 }),
  ];
  return concatenate(model, branches, name);
}

/** Figure 6, n = 7. */
function moduleC(model: FunctionalModel, x: Output, name: string, inner: number): Output {
  const branches = [
    chain(model, x, [[192, 1]]),
    chain(model, x, [
      [inner, 1],
      [inner, [1, 7]],
      [192, [7, 1]],
    ]),
    chain(model, x, [
      [inner, 1],
      [inner, [7, 1]],
      [inner, [1, 7]],
      [inner, [7, 1]],
      [192, [1, 7]],
    ]),
    pooled(model, x, 192),
  ];
  return concatenate(model, branches, name);
}

/** Half the size, for the last two modules. */
function moduleD(model: FunctionalModel, x: Output, name: string): Output {
  const single = convolution(model, chain(model, x, [[192, 1]]), [320, 3], halving);
  const factored = chain(model, x, [
    [192, 1],
    [192, [1, 7]],
    [192, [7, 1]],
  ]);
  const branches = [
    single,
    convolution(model, factored, [192, 3], halving),
    maxPooling2d(model, x, { kernel: 3, strides: 2 }),
  ];
  return concatenate(model, branches, name);
}

/** Figure 7. @param inner name of the first of the two concatenations in it */
function moduleE(model: FunctionalModel, x: Output, name: string, inner: string): Output {
  const both = (y: Output, title?: string): Output => {
    const halves = [convolution(model, y, [384, [1, 3]]), convolution(model, y, [384, [3, 1]])];
    return concatenate(model, halves, title);
  };
  const branches = [
    chain(model, x, [[320, 1]]),
    both(chain(model, x, [[384, 1]]), inner),
    both(
      chain(model, x, [
        [448, 1],
        [384, 3],
      ]),
    ),
    pooled(model, x, 192),
  ];
  return concatenate(model, branches, name);
}

/** Keras's Inception-v3 of Szegedy et al. 2015, table 1; its means leave out what is beyond the edge, where torchvision's do not. */
export const inceptionV3: KerasApplication = {
  preprocessing: "tf",
  features(model, picture) {
    let x = convolution(model, picture, [32, 3], halving);
    x = convolution(model, x, [32, 3], { padding: "valid" });
    x = maxPooling2d(model, convolution(model, x, [64, 3]), { kernel: 3, strides: 2 });
    x = convolution(model, x, [80, 1], { padding: "valid" });
    x = convolution(model, x, [192, 3], { padding: "valid" });
    x = maxPooling2d(model, x, { kernel: 3, strides: 2 });
    [32, 64, 64].forEach((filters, at) => {
      x = moduleA(model, x, `mixed${at}`, filters);
    });
    x = moduleB(model, x, "mixed3");
    [128, 160, 160, 192].forEach((inner, at) => {
      x = moduleC(model, x, `mixed${at + 4}`, inner);
    });
    x = moduleD(model, x, "mixed8");
    x = moduleE(model, x, "mixed9", "mixed9_0");
    x = moduleE(model, x, "mixed10", "mixed9_1");
    return globalAveragePooling2d(model, x, "avg_pool");
  },
};
