import { existsSync } from "node:fs";
import { listNames, UserError } from "../../base/errors.ts";
import { writeFileAtomic } from "../../base/write.node.ts";
import { writeOnnx } from "../../graph/onnx/write.ts";
import type { Architecture } from "../../model/architecture.ts";
import { architectures } from "../../model/architectures/index.ts";
import { cachedPath } from "../../model/weights/cache.node.ts";
import { download, verify } from "../../model/weights/download.node.ts";
import { openWeights } from "../../model/weights/open.node.ts";
import { architectureNamed } from "../../model/weights/published.node.ts";
import { type CommandSpec, Interrupted } from "../command.ts";
import { readClasses } from "../model.ts";
import { note, say, sayJson } from "../output.ts";
import { ProgressLine } from "../progress.ts";

/** Where torchvision publishes its weights. */
const PUBLISHER = "https://download.pytorch.org/models";

export const weights: CommandSpec = {
  summary: "get the published weights of an architecture, or convert a file of weights",
  examples: [
    ["convscope weights get resnet50", "then resnet50 is a MODEL of every command"],
    ["convscope weights convert vgg16 vgg16_weights_tf.h5 -o vgg16.onnx", "Keras's weights as a model"],
  ],
  configure(command) {
    command
      .command("get")
      .description("download torchvision's weights into the cache, going on where an earlier try ended")
      .argument("<architecture>", "one of those that `convscope models` lists")
      .option("--from <url>", "the folder on a server that has the file", PUBLISHER)
      .option("--json", "one JSON object: the architecture and the file")
      .action((name: string, options: GetOptions) => get(known(name), options));
    command
      .command("convert")
      .description("write a file of weights of torchvision, timm or Keras as a model")
      .argument("<architecture>", "one of those that `convscope models` lists")
      .argument("<file>", "a state dict, .pth or .safetensors, or Keras's .h5")
      .requiredOption("-o, --out <file>", "the .onnx file to write")
      .option("--classes <file>", "class names in order; ImageNet's unless said")
      .option("--fresh-head", "draw the classifier anew, where the file has none or one for other classes")
      .option("--json", "one JSON object: the architecture, the file, and the weights that were drawn anew")
      .action(convert);
  },
};

function known(name: string): Architecture {
  const architecture = architectureNamed(name);
  if (architecture) return architecture;
  throw new UserError(
    `There is no architecture "${name}"; there are ${listNames(Object.keys(architectures), 20)}.`,
  );
}

interface GetOptions {
  readonly from: string;
  readonly json?: boolean;
}

async function get(architecture: Architecture, { from, json }: GetOptions): Promise<void> {
  const { name, title, weights: published } = architecture;
  if (!published)
    throw new UserError(`Nobody published weights of ${name}; train it: convscope train FOLDER.`);
  const { file, size } = published;
  const path = cachedPath(published);
  const [, digits = ""] = /-([0-9a-f]{8})\.\w+$/.exec(file) ?? [];
  const done = (text: string): void => (json ? sayJson({ architecture: name, file: path }) : say(text));
  if (existsSync(path)) {
    await verify({ path, digits });
    done(`${path} is here already`);
    return;
  }
  note(
    `${title}: ${size} MiB from torchvision, whose code is under the BSD 3-Clause licence; the weights were trained on ImageNet, whose terms allow research that is not commercial`,
  );
  const line = new ProgressLine(file, "MiB");
  const mebibytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    await download({
      url: `${from.replace(/\/$/, "")}/${file}`,
      path,
      digits,
      size,
      onProgress: (done, total) => line.update({ done: mebibytes(done), total: mebibytes(total) }),
      signal: stop.signal,
    });
  } catch (error) {
    line.clear();
    if (!stop.signal.aborted) throw error;
    note(`stopped; what has come is kept. To go on: convscope weights get ${name}`);
    throw new Interrupted();
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
  line.clear();
  done(path);
}

interface ConvertOptions {
  readonly out: string;
  readonly classes?: string;
  readonly freshHead?: boolean;
  readonly json?: boolean;
}

async function convert(name: string, file: string, options: ConvertOptions): Promise<void> {
  const { out, classes, freshHead = false, json } = options;
  const { network, fresh } = openWeights(known(name), file, {
    freshHead,
    ...(classes === undefined ? {} : { classes: await readClasses(classes) }),
  });
  await writeFileAtomic(out, writeOnnx(network.graph));
  if (json) {
    sayJson({ architecture: name, file: out, classes: network.classes.length, fresh });
    return;
  }
  say(`${out}: ${name}, ${network.classes.length} classes`);
  if (fresh.length > 0) say(`  drawn anew, to be trained: ${listNames(fresh)}`);
}
