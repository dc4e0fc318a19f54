import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Sharp } from "sharp";
import { afterAll, expect, test } from "vitest";
import { openFolder } from "../../src/data/folder.node.ts";
import { withNearDuplicates } from "../../src/data/near-duplicates.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { writeReport } from "../../src/report/write.node.ts";
import { defaultConfig, type RunConfig } from "../../src/train/config.ts";
import { createRun } from "../../src/train/run.node.ts";
import { networkOf, trainRun } from "../../src/train/train-run.node.ts";
import { byClass, shapePhoto, writePhotos } from "../cli/photos.ts";

const folder = mkdtempSync(join(tmpdir(), "convscope-near-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const engine = nodeEngine({ threads: 2 });
const size = { width: 32, height: 32 };

async function save(image: Sharp, name: string): Promise<void> {
  const path = join(folder, "photos", name);
  mkdirSync(dirname(path), { recursive: true });
  await image.flatten().jpeg({ quality: 80 }).toFile(path);
}

test("a report shows pairs side by side, and which labels differ", async () => {
  const photos = join(folder, "photos");
  await writePhotos(photos, [
    ...byClass(4, ["disc", "square"], "train/"),
    ...byClass(2, ["disc", "square"], "validation/"),
  ]);
  await save(shapePhoto("disc", 77, 96, 80), "train/disc/one.jpg");
  await save(shapePhoto("disc", 77, 60, 50).flop(), "validation/disc/one & again.jpg");
  await save(shapePhoto("disc", 78, 96, 80), "train/disc/two.jpg");
  await save(shapePhoto("disc", 78, 60, 50), "validation/square/<b>two.jpg");
  const dataset = await withNearDuplicates(await openFolder(photos), size);
  const config: RunConfig = {
    ...defaultConfig,
    data: { kind: "folder", path: photos, validationFraction: 0.2 },
    ...{ size: 32, filters: [4, 6], units: 8, batch: 4, epochs: 1, threads: 2 },
  };
  const run = await createRun(join(folder, "run"), config, dataset, engine.description);
  await trainRun(run, { ...networkOf(config, dataset), dataset }, engine);
  const { report } = await writeReport(run, { material: { dataset }, engine });
  const page = readFileSync(report, "utf8");
  const section = /<section id="data">.*?<\/section>/s.exec(page)![0];
  expect(section).toContain("2 pictures of validation nearly the same as one of train");
  const [, ...cards] = section.split('<figure class="card">');
  expect(cards).toHaveLength(2);
  const find = (name: string): string => cards.find((card) => card.includes(name))!;
  const mirrored = find("validation/disc/one &amp; again.jpg");
  expect(mirrored).toContain("train/disc/one.jpg");
  expect(mirrored).toMatch(/correlation (0\.9\d\d|1\.000), mirrored/);
  expect(mirrored).not.toContain("labelled differently");
  const torn = find("validation/square/&lt;b&gt;two.jpg");
  expect(torn).toContain("train/disc/two.jpg");
  expect(torn).toMatch(/validation, <bdi>square<\/bdi>.*train, <bdi>disc<\/bdi>.*labelled differently/s);
  for (const card of cards) expect(card.match(/src="data:image\/jpeg;base64,/g)).toHaveLength(2);
});
