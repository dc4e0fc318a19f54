import { availableParallelism, cpus } from "node:os";
import { median } from "../../bench/timing.ts";
import { nodeEngine } from "../../src/index.ts";
import type { Entry, Errors } from "./record.ts";

const kinds = ["logits", "gradient", "gradcam"] as const;

/** The page of `docs/`: what was compared, how, and a line for each architecture. */
export function page(entries: readonly Entry[], all: number): string {
  const [first] = entries as readonly [Entry, ...Entry[]];
  const ratios = entries.flatMap((entry) => ratio(entry) ?? []);
  return `# Coverage

<!-- Written by \`npm run coverage\`. -->

Every architecture for classification that torchvision 0.14 has, exported by PyTorch, opened by Convscope as any file is, and
differentiated: the logits, the gradient of the favoured class's logit by every pixel, and Grad-CAM at the layer that Convscope
chooses by itself, each held against PyTorch's autograd in float64. It says how far its gradients can be trusted for a network of
yours that is built like one of these.

${entries.length} of ${all} architectures. Relative errors, ‖ours − reference‖ / ‖reference‖; beside them those of PyTorch's own float32:

${table(
  ["", "-median", "-worst", "-PyTorch's median", "-PyTorch's worst"],
  kinds.map((kind) => {
    const [ours, theirs] = [
      entries.map(({ errors }) => errors[kind]),
      entries.map(({ torch }) => torch.errors[kind]),
    ];
    return [titles[kind], ...[median(ours), worst(ours), median(theirs), worst(theirs)].map(scientific)];
  }),
)}
Time for logits and input gradient of one picture, as a part of PyTorch's in the same run: median ${median(ratios).toFixed(2)}, from
${Math.min(...ratios).toFixed(2)} to ${worst(ratios).toFixed(2)}. On ${cpus()[0]!.model.trim()}, ${availableParallelism()} processors;
${nodeEngine().description}; PyTorch ${first.torch.torch} with ${entries.find(({ blas }) => blas)?.blas ?? "the system's BLAS"}, two threads.

## How it is compared

\`\`\`
npm run coverage -- FOLDER [ARCHITECTURE...]
\`\`\`

It needs Debian's python3-torch, python3-torchvision and, for fair times, libopenblas0-pthread: with Debian's plain BLAS PyTorch takes many
times as long for transformers and ConvNeXt. The networks are written into FOLDER, 25 GB for all, and taken from there the
next time.

**Weights** are random, as torchvision draws them, and then made to behave as trained ones do: layers give outputs of variance 1,
batch normalizations hold the statistics of pictures, and what begins as a constant is drawn too: scales, offsets, layer scales, heads,
tokens. **Pictures** are noise of all sizes, from blobs to pixels, as wide and high as the published weights take them. **Operator sets**
take turns from 13 to 17.

**Kinks.** Where a value lies within rounding of a kink, such as a ReLU's at 0, the slope is one or the other by the last bit of
float32, and neither is wrong; so it is where two places of a max pool tie. In a network of some millions of units that happens on
nearly every picture, and a comparison would measure luck. So weights are moved by a thousandth or so, until nothing is near: the biases
of channels whose values lie within 3·10⁻⁵ of a kink, as a part of their tensor's root mean square, and the rows of convolutions that make
two places of a max pool as near to each other. PyTorch decides on both in float64, before anything of ours runs.

**Layers.** Grad-CAM's reference is taken at the module that people use for the family, ours at our default; the errors show that they
are one. The last column is our name of the layer, and torchvision's where ours does not begin with it.

## Architectures

${table(
  ["architecture", ...columns.map(({ head }) => `-${head}`), "Grad-CAM at"],
  entries.map((entry) => [entry.name, ...columns.map(({ cell }) => cell(entry)), place(entry)]),
)}
## Operators

What the networks are made of when shapes are known, and in how many of them.

${table(["operator", "-architectures"], counted(entries.flatMap(({ operators }) => operators)))}`;
}

const titles: Readonly<Record<keyof Errors, string>> = {
  logits: "logits",
  gradient: "input gradient",
  gradcam: "Grad-CAM",
};

const columns: readonly { readonly head: string; readonly cell: (entry: Entry) => string }[] = [
  { head: "parameters", cell: ({ torch }) => torch.parameters.toLocaleString("en") },
  { head: "side", cell: ({ torch }) => `${torch.side}` },
  { head: "opset", cell: ({ torch }) => `${torch.opset}` },
  { head: "operators", cell: ({ operators }) => `${operators.length}` },
  ...kinds.map((kind) => ({
    head: titles[kind],
    cell: ({ errors }: Entry): string => scientific(errors[kind]),
  })),
  {
    head: "PyTorch's worst",
    cell: ({ torch }) => scientific(worst(kinds.map((kind) => torch.errors[kind]))),
  },
  { head: "ms", cell: ({ milliseconds }) => milliseconds.toFixed(0) },
  { head: "PyTorch's ms", cell: ({ torchMilliseconds }) => torchMilliseconds?.toFixed(0) ?? "–" },
  { head: "ratio", cell: (entry) => ratio(entry)?.toFixed(2) ?? "–" },
];

function place({ layer, torch }: Entry): string {
  const inside = `${layer}.`.startsWith(`${torch.layer}.`);
  return `\`${layer}\`${inside ? "" : `, torchvision's \`${torch.layer}\``}`;
}

/** @param heads with `-` before those whose column is of numbers */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = heads.map((head) => (head.startsWith("-") ? "--:" : "---"));
  const lines = [heads.map((head) => head.replace(/^-/, "")), rule, ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function counted(names: readonly string[]): string[][] {
  const distinct = [...new Set(names)].sort();
  return distinct.map((name) => [name, `${names.filter((other) => other === name).length}`]);
}

const worst = (values: readonly number[]): number => Math.max(...values);

function ratio({ milliseconds, torchMilliseconds }: Entry): number | undefined {
  return torchMilliseconds === undefined ? undefined : milliseconds / torchMilliseconds;
}

const scientific = (value: number): string => value.toExponential(1);
