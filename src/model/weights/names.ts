/** What a weight is called elsewhere, brought to torchvision's name; undefined where the rule does not apply. */
type Rule = (name: string) => string | undefined;

/** `pattern` with `$1` and its like in what stands for it. */
const swap =
  (pattern: RegExp, by: string): Rule =>
  (name) =>
    pattern.test(name) ? name.replace(pattern, by) : undefined;

/** Weights within a block of timm's MobileNet and EfficientNet, by their order in ours: the first block expands nothing. */
const timmParts = {
  first: { conv_dw: 0, bn1: 0, se: 1, conv_pw: 2, bn2: 2 },
  later: { conv_pw: 0, bn1: 0, conv_dw: 1, bn2: 1, se: 2, conv_pwl: 3, bn3: 3 },
} as const;

/** A block's weight: its stage and place there, and the part of it that it belongs to. */
function timmBlock(name: string) {
  const found = /^blocks\.(\d+)\.(\d+)\.(\w+)\.(.+)$/.exec(name);
  if (!found) return undefined;
  const [, stage, block, part, rest] = found as unknown as [string, string, string, string, string];
  const parts: Readonly<Record<string, number>> = stage === "0" ? timmParts.first : timmParts.later;
  const place = Object.hasOwn(parts, part) ? parts[part]! : undefined;
  return place === undefined ? undefined : { stage: Number(stage), block: Number(block), part, place, rest };
}

/** timm's `blocks.1.0.conv_dw.weight` is our `features.2.0.block.1.0.weight`. */
const timmEfficientnet: Rule = (name) => {
  const found = timmBlock(name);
  if (!found) return undefined;
  const { stage, block, part, place, rest } = found;
  const prefix = `features.${stage + 1}.${block}.block.${place}`;
  if (part === "se") return `${prefix}.${rest.replace("conv_reduce", "fc1").replace("conv_expand", "fc2")}`;
  return `${prefix}.${part.startsWith("bn") ? 1 : 0}.${rest}`;
};

/** Blocks before each of MobileNetV2's stages. */
const mobilenetStarts = [1, 2, 4, 7, 11, 14, 17] as const;

/** timm's `blocks.1.0.conv_dw.weight` is our `features.2.conv.1.0.weight`; the last convolution has no number of its own. */
const timmMobilenet: Rule = (name) => {
  const found = timmBlock(name);
  const start = found && mobilenetStarts[found.stage];
  if (!found || start === undefined || found.part === "se") return undefined;
  const { stage, block, part, place, rest } = found;
  const prefix = `features.${start + block}.conv`;
  const norm = part.startsWith("bn") ? 1 : 0;
  const last = stage === 0 ? 2 : 3;
  // Without squeeze and excitation all behind it comes one place earlier.
  if (place === last) return `${prefix}.${last - 1 + norm}.${rest}`;
  return `${prefix}.${place}.${norm}.${rest}`;
};

const stem = (last: number): Rule[] => [
  swap(/^conv_stem\./, "features.0.0."),
  swap(/^bn1\./, "features.0.1."),
  swap(/^conv_head\./, `features.${last}.0.`),
  swap(/^bn2\./, `features.${last}.1.`),
  swap(/^classifier\.(weight|bias)$/, "classifier.1.$1"),
];

const vgg: readonly Rule[] = [
  swap(/^pre_logits\.fc1\./, "classifier.0."),
  swap(/^pre_logits\.fc2\./, "classifier.3."),
  swap(/^head\.fc\./, "classifier.6."),
];

/** By architecture: names that timm gives, and those of torchvision's own old files. */
const rules: Readonly<Record<string, readonly Rule[]>> = {
  vgg16: vgg,
  vgg19: vgg,
  densenet121: [swap(/(denselayer\d+\.(?:norm|conv))\.([12])\./, "$1$2.")],
  "efficientnet-b0": [timmEfficientnet, ...stem(8)],
  "mobilenet-v2": [timmMobilenet, ...stem(18)],
};

/**
 * The same tensors under torchvision's names, whether they come from torchvision or timm; a prefix `module.`, which
 * DataParallel leaves on all of them, is taken off.
 */
export function torchvisionNames<T>(architecture: string, tensors: ReadonlyMap<string, T>): Map<string, T> {
  const parallel = [...tensors.keys()].every((name) => name.startsWith("module."));
  const own = rules[architecture] ?? [];
  const rename = (name: string): string => {
    const plain = parallel ? name.slice("module.".length) : name;
    return own.map((rule) => rule(plain)).find((renamed) => renamed !== undefined) ?? plain;
  };
  return new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]));
}
