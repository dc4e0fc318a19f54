import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readImage } from "../../src/data/decode.node.ts";
import type { Model } from "../../src/model/model.ts";
import { openModel } from "../../src/model/open.node.ts";
import { predict } from "../../src/model/predict.ts";
import { closeModel } from "../../src/model/programs.ts";
import type { BenchCase } from "../case.ts";
import { round } from "../timing.ts";

/** Probabilities from forward passes elsewhere, in NumPy and PyTorch. */
const known = [
  {
    model: "googlenet-bvlc",
    photo: "both.png",
    answers: { "tiger cat": 0.177, tabby: 0.146, "bull mastiff": 0.133, boxer: 0.104 },
  },
  { model: "googlenet-bvlc", photo: "dogs.png", answers: { malamute: 0.559 } },
  { model: "squeezenet1.1", photo: "both.png", answers: { boxer: 0.551, "bull mastiff": 0.378 } },
] as const;

/** Tiny VGG's classes, and what its photos are called after. */
const tinyVgg = {
  lifeboat: "boat",
  ladybug: "bug",
  pizza: "pizza",
  "bell pepper": "pepper",
  "school bus": "bus",
  koala: "koala",
  espresso: "espresso",
  "red panda": "panda",
  orange: "orange",
  "sport car": "car",
} as const;

export const answers: BenchCase = {
  name: "answers",
  summary: "what trained networks say of photos, against what they are known to say",
  needs: "shared",
  async run({ shared, report }) {
    for (const { model: name, photo, answers } of known) {
      const model = await openModel(join(shared!, "models", `${name}.onnx`), {
        preprocessing: "caffe",
        filter: "cubic",
      });
      const said = await scores(model, join(shared!, "photos", photo));
      await closeModel(model);
      const off = Object.entries(answers).map(([label, part]) => Math.abs(said.get(label)! - part));
      report({
        case: "answers",
        variant: `${name} of ${photo}`,
        ...Object.fromEntries(Object.keys(answers).map((label) => [label, round(said.get(label)!, 3)])),
        farthest_off: round(Math.max(...off), 3),
      });
    }
    const folder = join(shared!, "photos/tiny-vgg");
    const photos = readdirSync(folder).filter((name) => name.includes("_"));
    const model = await openModel(join(shared!, "models/tiny-vgg-tfjs"), {
      preprocessing: "unit",
      classes: Object.keys(tinyVgg),
    });
    let right = 0;
    for (const photo of photos) {
      const [top] = await predict(model, await readImage(join(folder, photo)));
      const { label } = top!;
      if (photo.startsWith(`${tinyVgg[label as keyof typeof tinyVgg]}_`)) right++;
    }
    await closeModel(model);
    report({ case: "answers", variant: "tiny-vgg-tfjs", photos: photos.length, right });
  },
};

async function scores(model: Model, path: string): Promise<ReadonlyMap<string, number>> {
  const said = await predict(model, await readImage(path));
  return new Map(said.map(({ label, probability }) => [label, probability]));
}
