import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { random } from "../../src/base/random.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { openFolder } from "../../src/data/folder.node.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { type Evaluation, evaluate } from "../../src/evaluate/evaluate.ts";
import { openModel } from "../../src/model/open.node.ts";
import { type Report, writeReport } from "../../src/report/write.node.ts";
import { defaultConfig, type RunConfig } from "../../src/train/config.ts";
import { createRun, type Run, readState } from "../../src/train/run.node.ts";
import { networkOf, trainRun } from "../../src/train/train-run.node.ts";

const folder = mkdtempSync(join(tmpdir(), "convscope-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const engine = nodeEngine({ threads: 2 });
const hostile = `<script>alert(1)<`;
const quoted = `a"><img src=x onerror='alert(2)'>`;
const escaped = {
  [hostile]: "&lt;script&gt;alert(1)&lt;",
  [quoted]: "a&quot;&gt;&lt;img src=x onerror=&#39;alert(2)&#39;&gt;",
};

/** Noise around a grey of its class, so that something can be learnt and some of it stays wrong. */
async function writePhotos(root: string, counts: Readonly<Record<string, number>>): Promise<string> {
  for (const [place, count] of Object.entries(counts)) {
    mkdirSync(join(root, place), { recursive: true });
    const source = random(1, place);
    const level = 60 * (1 + (Object.keys(counts).indexOf(place) % 3));
    for (let i = 0; i < count; i++) {
      const data = Uint8Array.from({ length: 40 * 30 * 3 }, () => level + source.below(60));
      const photo = sharp(data, { raw: { width: 40, height: 30, channels: 3 } });
      writeFileSync(join(root, place, `${i}&<i>.png`), await photo.png().toBuffer());
    }
  }
  return root;
}

async function train(name: string, dataset: Dataset, epochs: number): Promise<Run> {
  const config: RunConfig = {
    ...defaultConfig,
    data: { kind: "folder", path: dataset.source, validationFraction: 0.2 },
    size: 32,
    filters: [4, 6],
    units: 8,
    learningRate: 1e-3,
    batch: 4,
    epochs,
    threads: 2,
  };
  const run = await createRun(join(folder, name), config, dataset, engine.description);
  await trainRun(run, { ...networkOf(config, dataset), dataset }, engine);
  return run;
}

const voids = new Set(["meta", "link", "img", "br", "hr", "!doctype"]);

/** Checks that every element is closed in its turn, and returns the names of all. */
function elements(page: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  const body = page.replace(/<style>[^<]*<\/style>/, "<style></style>");
  for (const [, close, name, empty] of body.matchAll(
    /<(\/?)([\w!-]+)(?:\s+[\w:-]+(?:="[^"<>]*")?)*\s*(\/?)>/g,
  )) {
    if (close) expect(open.pop()).toBe(name);
    else if (!empty && !voids.has(name!)) open.push(name!);
    if (!close) seen.push(name!);
  }
  expect(open).toEqual([]);
  // Every angle bracket is a tag's.
  expect(body.match(/</g)).toHaveLength(body.match(/<\/?[\w!]/g)!.length);
  return seen;
}

describe("the report of three classes with test pictures", () => {
  let dataset: Dataset;
  let run: Run;
  let report: Report;
  let page: string;
  const steps: [number, number][] = [];

  beforeAll(async () => {
    const photos = await writePhotos(join(folder, "photos"), {
      [`train/${hostile}`]: 8,
      [`train/${quoted}`]: 6,
      "train/plain": 6,
      [`validation/${hostile}`]: 5,
      [`validation/${quoted}`]: 4,
      "validation/plain": 4,
      [`test/${hostile}`]: 3,
      [`test/${quoted}`]: 3,
      "test/plain": 3,
    });
    dataset = await openFolder(photos);
    run = await train("it's a run", dataset, 2);
    report = await writeReport(run, {
      material: { dataset },
      engine,
      progress: (...step) => steps.push(step),
    });
    page = readFileSync(report.report, "utf8");
  });

  it("has the scores that evaluation gives", async () => {
    const model = await openModel(run.folder, { engine });
    for (const split of ["validation", "test"] as const) {
      const expected = await evaluate(model, dataset, split);
      expect(report[split]).toEqual(expected);
      const title = `${split[0]!.toUpperCase()}${split.slice(1)} accuracy`;
      const tile = new RegExp(`<h3>${title}</h3>([^]*?)</dl>`).exec(page)![1]!;
      expect(tile).toContain(`<p class="big">${(100 * expected.accuracy).toFixed(1)}%</p>`);
      expect(tile).toContain(`<dd>${expected.correct} of ${expected.n} pictures</dd>`);
      const [low, high] = expected.interval.map((bound) => `${(100 * bound).toFixed(1)}%`);
      expect(tile).toContain(`<dd>${low} to ${high}</dd>`);
      const loss = Number(/mean loss<\/dt><dd>([\d.]+)/.exec(tile)![1]);
      expect(Math.abs(loss - expected.loss)).toBeLessThan(0.005 * expected.loss);
    }
    expect([report.validation.n, report.test!.n]).toEqual([13, 9]);
  });

  it("has a row for every class, with its precision, recall and F1", () => {
    for (const split of ["validation", "test"] as const) {
      const { confusion } = report[split] as Evaluation;
      const table = new RegExp(`<th>${split}</th><th>pictures</th>([^]*?)</table>`).exec(page)![1]!;
      [hostile, quoted, "plain"].forEach((name, label) => {
        const row = table.split("<tr>").find((each) => each.includes(`<bdi>${escapeText(name)}</bdi>`))!;
        const cells = [...row.matchAll(/<td(?: class="quiet")?>([^<]*)<\/td>/g)].map(([, cell]) => cell!);
        const correct = confusion[label]![label]!;
        const predicted = confusion.reduce((sum, counts) => sum + counts[label]!, 0);
        const n = confusion[label]!.reduce((sum, count) => sum + count);
        expect(cells[0]).toBe(String(n));
        expect(cells[1]).toBe(predicted === 0 ? "–" : `${((100 * correct) / predicted).toFixed(1)}%`);
        expect(cells[3]).toBe(`${((100 * correct) / n).toFixed(1)}%`);
        expect(cells[5]).toBe(`${((200 * correct) / (n + predicted)).toFixed(1)}%`);
      });
      expect(table).toContain("<td>mean of the classes</td>");
    }
  });

  it("has a row for every epoch, and marks the one that was kept", async () => {
    const { history } = await readState(run);
    for (const { epoch, train, validation, best } of history) {
      const row = new RegExp(`<td>${epoch}( \\(kept\\))?</td>([^]*?)</tr>`).exec(page)!;
      expect(row[2]).toContain(`<td>${train.loss.toFixed(4)}</td>`);
      expect(row[2]).toContain(`<td>${validation.loss.toFixed(4)}</td>`);
      if (!best) expect(row[1]).toBeUndefined();
    }
    expect(page.match(/\(kept\)/g)).toHaveLength(1);
  });

  it("shows each mistake and some right answers by name", () => {
    const wrong = (report.validation as Evaluation).judgements.filter(
      ({ sample, predicted }) => sample.label !== predicted,
    );
    expect(wrong.length).toBeGreaterThan(0);
    expect(page.match(/<b>said /g)).toHaveLength(wrong.length);
    for (const { sample } of wrong)
      expect(page).toContain(`<bdi class="file">${escapeText(sample.name)}</bdi>`);
    expect(page.match(/class="panels three"/g)!.length).toBeGreaterThan(0);
  });

  it("shows what it confuses most, and where it was least certain", () => {
    const pairs = (report.validation as Evaluation).confusion.flatMap((row, label) =>
      row.filter((count, predicted) => predicted !== label && count > 0),
    );
    const confused = /<th>validation<\/th><th class="text">taken for(.*?)<\/table>/s.exec(page)![1]!;
    expect(confused.match(/<tr>/g)).toHaveLength(pairs.length);
    const uncertain = /The least certain answers(.*?)<\/section>/s.exec(page)![1]!;
    const named = [...uncertain.matchAll(/<bdi class="file">(.*?)<\/bdi>/g)].map(([, name]) => name!);
    const lead = (name: string): number => {
      const { scores } = (report.validation as Evaluation).judgements.find(
        ({ sample }) => escapeText(sample.name) === name,
      )!;
      const [first, second] = scores.map(({ probability }) => probability).sort((a, b) => b - a);
      return first! - second!;
    };
    expect(named).toHaveLength(6);
    expect(named.map(lead)).toEqual(named.map(lead).sort((a, b) => a - b));
  });

  it("is well-formed, and asks for nothing from outside", () => {
    const names = elements(page);
    expect(names).toContain("svg");
    expect(names).not.toContain("script");
    expect(page).not.toMatch(/https?:/);
    expect(page).not.toMatch(/\son\w+=["']/);
    expect(page).not.toContain("url(");
    const links = [...page.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, target]) => target!);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((target) => !/^(#|data:)/.test(target))).toEqual([]);
    for (const [, anchor] of page.matchAll(/href="#([^"]*)"/g)) expect(page).toContain(`id="${anchor}"`);
    expect(page.length).toBeLessThan(8e6);
  });

  it("escapes names from outside", () => {
    for (const [name, safe] of Object.entries(escaped)) {
      expect(page).not.toContain(name);
      expect(page).toContain(safe);
    }
    expect(page).toContain(`it&#39;\\&#39;&#39;s a run&#39; photo.jpg`);
  });

  it("comes with every figure, as SVG and as PNG that can be read", async () => {
    const names = readdirSync(run.path("figures"));
    expect(report.figures.map((path) => path.slice(run.path("figures").length + 1)).sort()).toEqual(
      names.sort(),
    );
    const measures = ["confusion", "reliability", "roc", "precision-recall"];
    const stems = measures.flatMap((measure) => [`${measure}-validation`, `${measure}-test`]);
    for (const stem of ["curves", ...stems, "mistakes", "activations-04"])
      expect(names).toEqual(expect.arrayContaining([`${stem}.svg`, `${stem}.png`]));
    for (const path of report.figures) {
      const { format, width } = await sharp(path, { unlimited: true }).metadata();
      expect(format).toBe(path.slice(-3));
      expect(width).toBeGreaterThan(400);
    }
  });

  it("tells how far it is, never back, and ends at the whole", () => {
    const done = steps.map(([value]) => value);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(new Set(steps.map(([, total]) => total)).size).toBe(1);
    expect(steps.at(-1)![0]).toBe(steps.at(-1)![1]);
    expect(steps.filter(([value, total]) => value === total)).toHaveLength(1);
  });

  it("is the same when written again", async () => {
    await writeReport(run, { material: { dataset }, engine });
    expect(readFileSync(report.report, "utf8") === page).toBe(true);
  });

  it("says when the pictures are no longer those of the run", async () => {
    expect(page).not.toContain("have changed since");
    const [, ...fewer] = dataset.splits.test;
    const changed = { ...dataset, splits: { ...dataset.splits, test: fewer } };
    const { test } = await writeReport(run, { material: { dataset: changed }, engine });
    expect(test!.n).toBe(8);
    expect(readFileSync(report.report, "utf8")).toContain("have changed since the run was begun");
  });

  it("names a photo that has vanished", async () => {
    const sample = dataset.splits.validation[3]!;
    const path = join(dataset.source, sample.name);
    const bytes = readFileSync(path);
    rmSync(path);
    await expect(writeReport(run, { material: { dataset }, engine })).rejects.toThrow(
      new UserError(`${path} does not exist; check the path`),
    );
    writeFileSync(path, bytes);
  });

  it("refuses pictures of other classes", async () => {
    const other = { ...dataset, classes: ["a", "b", "c"] };
    await expect(writeReport(run, { material: { dataset: other }, engine })).rejects.toThrow(
      new UserError(
        `${dataset.source} has the classes a, b and c, but ${run.folder} was trained on ${hostile}, ${quoted} and plain; give the pictures of the run.`,
      ),
    );
  });
});

describe("the report of two classes", () => {
  it("without test pictures says what the score is worth", async () => {
    const dataset = await openFolder(await writePhotos(join(folder, "pair"), { cat: 10, dog: 10 }));
    const run = await train("pair run", dataset, 1);
    const { report, test } = await writeReport(run, { material: { dataset }, engine });
    const page = readFileSync(report, "utf8");
    elements(page);
    expect(test).toBeUndefined();
    expect(page).not.toContain("Test accuracy");
    expect(page).toContain("For a stricter one, keep some pictures aside");
    expect(readdirSync(run.path("figures"))).not.toContain("confusion-test.svg");
  });
});

function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
