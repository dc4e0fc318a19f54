import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { picture } from "../../src/base/picture.ts";
import { readCsv } from "../../src/data/csv.ts";
import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { readNpy } from "../../src/formats/npy.ts";
import type { Model } from "../../src/model/model.ts";
import { openModel } from "../../src/model/open.node.ts";
import { writePng } from "../../src/render/png.node.ts";
import { type SurveyResults, writeSurvey } from "../../src/report/write-survey.node.ts";
import type { SurveyRow } from "../../src/survey/row.ts";
import { type Survey, type SurveyOptions, surveyFolder } from "../../src/survey/survey.node.ts";
import { defaultConfig, type RunConfig } from "../../src/train/config.ts";
import { createRun } from "../../src/train/run.node.ts";
import { networkOf, trainRun } from "../../src/train/train-run.node.ts";

const folder = mkdtempSync(join(tmpdir(), "convscope-survey-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const engine = nodeEngine({ threads: 2 });
const size = { width: 32, height: 32 };

interface Case {
  readonly model: Model;
  readonly photos: string;
}

/** A network trained on built-in pictures so few and small that a mark is easier to learn than a face, and others of them as photos. */
async function trained(name: string, shortcut: boolean): Promise<Case> {
  const counts = { train: 40, validation: 10, test: 60 };
  const dataset = syntheticDataset({ seed: 3, ...counts, ...(shortcut ? { shortcut: { label: 1 } } : {}) });
  const config: RunConfig = {
    ...defaultConfig,
    data: { kind: "built-in", ...counts, shortcut },
    size: 32,
    filters: [8],
    units: 16,
    dropout: 0,
    augmentation: { ...defaultConfig.augmentation, ...still },
    optimizer: "adam",
    schedule: "constant",
    learningRate: 3e-3,
    batch: 10,
    epochs: 20,
    threads: 2,
    watch: 0,
  };
  const run = await createRun(join(folder, name), config, dataset, engine.description);
  await trainRun(run, { ...networkOf(config, dataset), dataset }, engine);
  const photos = join(folder, `${name}-photos`);
  for (const sample of dataset.splits.test)
    await writePng(join(photos, `${sample.name.replace("test/", "")}.png`), await dataset.read(sample, size));
  return { model: await openModel(run.folder, { engine }), photos };
}

const still = {
  ...{ rotation: 0, widthShift: 0, heightShift: 0, shear: 0, zoom: 0 },
  horizontalFlip: false,
};

let marked: Case;
let clean: Case;
beforeAll(async () => {
  marked = await trained("marked", true);
  clean = await trained("clean", false);
});

async function surveyed(
  { model, photos }: Case,
  name: string,
  options: Partial<SurveyOptions> = {},
): Promise<{ survey: Survey; results: SurveyResults; out: string }> {
  const out = join(folder, name);
  const survey = await surveyFolder(model, photos, {
    method: "integrated-gradients",
    options: { steps: 16 },
    out,
    ...options,
  });
  return { survey, out, results: await writeSurvey(survey, { model, folder: photos, out, parquet: true }) };
}

describe("a planted shortcut", () => {
  test("is found: for dog the evidence is strongest in the corner that bears the mark, and the page says so", async () => {
    const { results, out } = await surveyed(marked, "found");
    expect(results.findings).toMatchObject([{ target: "dog", kind: "corner" }]);
    const { sentence } = results.findings[0]!;
    expect(sentence).toMatch(
      /^In [\d.]+% of the \d\d photos explained for dog the evidence is strongest in the lower right corner; by chance/,
    );
    expect(readFileSync(join(out, "summary.html"), "utf8")).toContain(sentence);
    expect(JSON.parse(readFileSync(join(out, "summary.json"), "utf8"))).toMatchObject({
      photos: 60,
      findings: [{ target: "dog", kind: "corner", sentence }],
    });
    const average = readNpy(new Uint8Array(readFileSync(join(out, "average/dog.npy"))), "dog.npy");
    expect(average.shape).toEqual([16, 16]);
    const values = Array.from(average.data, Number);
    expect(values.reduce((sum, value) => sum + value)).toBeCloseTo(1, 3);
    const strongest = values.indexOf(Math.max(...values));
    expect(Math.floor(strongest / 16)).toBeGreaterThan(12);
    expect(strongest % 16).toBeGreaterThan(12);
  });

  test("where there is none, nobody is accused", async () => {
    const { results, out } = await surveyed(clean, "clean-survey");
    expect(results.findings).toEqual([]);
    expect(results.targets.map(({ target, photos }) => [target, photos])).toEqual([
      [undefined, 60],
      ["cat", expect.any(Number)],
      ["dog", expect.any(Number)],
    ]);
    expect(readFileSync(join(out, "summary.html"), "utf8")).toContain("Nothing stands out in 60 photos");
  });

  test("with masks of the animals the photos are ranked by them", async () => {
    const dataset = syntheticDataset({ seed: 3, train: 0, validation: 0, test: 60, shortcut: { label: 1 } });
    const named = new Map(
      dataset.splits.test.map((sample) => [`${sample.name.replace("test/", "")}.png`, sample]),
    );
    const { results, survey } = await surveyed(marked, "masked", {
      mask: async (file) => dataset.masks(named.get(file)!, size).animal,
    });
    expect(results.suspects.by).toBe("inside");
    expect(results.suspects.files[0]).toMatch(/^dog\//);
    const inside = results.suspects.files.map(
      (file) => survey.rows.find((row) => row.file === file)!.inside!,
    );
    expect(inside).toEqual(inside.toSorted((a, b) => a - b));
    const dog = results.targets.find(({ target }) => target === "dog")!;
    expect(dog.inside!.value).toBeLessThan(dog.masked!);
  });
});

describe("the index", () => {
  test("has a row a photo: JSON lines, CSV and Parquet say the same", async () => {
    const { survey, out } = await surveyed(marked, "index");
    const lines = readFileSync(join(out, "explanations.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as SurveyRow)).toEqual(
      JSON.parse(JSON.stringify(survey.rows)),
    );
    expect(survey.rows.map(({ file }) => file)).toEqual(survey.rows.map(({ file }) => file).sort());
    const [row] = survey.rows as [SurveyRow];
    expect(row).toMatchObject({
      file: "cat/0001.png",
      label: "cat",
      forward: expect.any(Number),
      resolution: [32, 32],
    });
    expect(row.correct).toBe(row.predicted === "cat");
    const [head, first] = readCsv(
      readFileSync(join(out, "explanations.csv"), "utf8"),
      "explanations.csv",
    ).rows;
    const cells = Object.fromEntries(head!.fields.map((name, at) => [name, first!.fields[at]]));
    expect(cells).toMatchObject({
      file: "cat/0001.png",
      label: "cat",
      target: row.target,
      border: String(row.border),
      inside: "",
    });
    const { buffer } = Uint8Array.from(readFileSync(join(out, "explanations.parquet")));
    const objects = await parquetReadObjects({ file: buffer });
    expect(objects).toHaveLength(60);
    expect(objects[0]).toMatchObject({
      ...{ file: "cat/0001.png", correct: row.correct, border: row.border, peakX: row.peakX, inside: null },
    });
  });

  test("goes on where an end has torn it, to the same rows", async () => {
    const { survey, out } = await surveyed(marked, "torn");
    const index = join(out, "explanations.jsonl");
    truncateSync(index, Math.floor(statSync(index).size / 2));
    appendFileSync(index, '{"file": "cat/00');
    const again: string[] = [];
    const { survey: second } = await surveyed(marked, "torn", {
      onExplained: async (file) => void again.push(file),
    });
    expect(again.length).toBeGreaterThan(25);
    expect(again.length).toBeLessThan(35);
    expect(second.rows.map(({ file, hash, target }) => [file, hash, target])).toEqual(
      survey.rows.map(({ file, hash, target }) => [file, hash, target]),
    );
    for (const [at, row] of second.rows.entries()) {
      expect(row.evidence).toBeCloseTo(survey.rows[at]!.evidence, 4);
      expect(row.border).toBeCloseTo(survey.rows[at]!.border!, 5);
    }
  });

  test("an abort keeps what is explained; photos that changed are explained anew, those that went leave", async () => {
    const { model } = marked;
    const photos = join(folder, "few");
    const write = (name: string, level: number): Promise<void> =>
      writePng(
        join(photos, name),
        picture(
          32,
          32,
          Uint8Array.from({ length: 3 * 32 * 32 }, (_, at) => (at * level) % 256),
        ),
      );
    for (const [at, name] of ["a.png", "b.png", "c.png", "d.png", "e.png"].entries())
      await write(name, at + 3);
    const out = join(folder, "few-out");
    const stop = new AbortController();
    const explained: string[] = [];
    const options: SurveyOptions = {
      ...{ out, batch: 2, signal: stop.signal },
      async onExplained(file) {
        explained.push(file);
        if (explained.length === 2) stop.abort();
      },
    };
    await expect(surveyFolder(model, photos, options)).rejects.toMatchObject({ name: "AbortError" });
    expect(explained).toEqual(["a.png", "b.png"]);
    await write("b.png", 77);
    rmSync(join(photos, "a.png"));
    const { signal: _, ...rest } = options;
    const { rows, broken } = await surveyFolder(model, photos, rest);
    expect(explained.slice(2)).toEqual(["b.png", "c.png", "d.png", "e.png"]);
    expect(rows.map(({ file }) => file)).toEqual(["b.png", "c.png", "d.png", "e.png"]);
    expect(broken).toEqual([]);
  });

  test("broken photos are named, other files passed over; of nothing but these there is no survey", async () => {
    const photos = join(folder, "broken");
    await writePng(join(photos, "good.png"), picture(8, 8));
    writeFileSync(join(photos, "bad.jpg"), readFileSync(join(photos, "good.png")).subarray(0, 40));
    writeFileSync(join(photos, "notes.txt"), "no picture");
    const survey = (out: string) => surveyFolder(marked.model, photos, { out: join(photos, out) });
    const { rows, broken } = await survey("first");
    expect(rows.map(({ file }) => file)).toEqual(["good.png"]);
    expect(broken).toEqual([expect.stringMatching(/bad\.jpg is cut short/)]);
    // What the first has written is no photo of the second.
    expect((await survey("second")).rows).toHaveLength(1);
    rmSync(join(photos, "good.png"));
    await expect(survey("third")).rejects.toThrow(
      /^None of the 1 photos in .* can be read; the first: .*bad\.jpg/,
    );
    rmSync(join(photos, "bad.jpg"));
    await expect(survey("fourth")).rejects.toThrow(/holds no photos; name a folder that does\.$/);
  });

  test.each<[string, Partial<SurveyOptions>, RegExp]>([
    [
      "method",
      { method: "saliency", options: {} },
      /holds a survey with other settings \(method: "integrated-gradients" there, "saliency" here\)/,
    ],
    [
      "target",
      { target: "cat" },
      /\(target: "top" there, "cat" here\); name another folder, or go on with the same\.$/,
    ],
    ["options", { options: { steps: 8 } }, /\(options: \{"steps":16\} there, \{"steps":8\} here\)/],
  ])("other settings in the same folder are refused: %s", async (_, options, message) => {
    await surveyed(marked, "refusing");
    await expect(surveyed(marked, "refusing", options)).rejects.toThrow(message);
  });

  test("another network in the same folder is refused", async () => {
    await surveyed(marked, "refusing");
    await expect(surveyed({ ...marked, model: clean.model }, "refusing")).rejects.toThrow(
      /\(another model\); name/,
    );
  });
});
