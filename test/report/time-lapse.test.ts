import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { explain } from "../../src/explain/explain.ts";
import { openModel } from "../../src/model/open.node.ts";
import { closeModel } from "../../src/model/programs.ts";
import { watchRun } from "../../src/report/watch-run.node.ts";
import { writeReport } from "../../src/report/write.node.ts";
import { demoConfig, type RunConfig } from "../../src/train/config.ts";
import { createRun, type Run, readState } from "../../src/train/run.node.ts";
import { bestRow, type TrainingState } from "../../src/train/state.ts";
import { type Material, networkOf, trainRun } from "../../src/train/train-run.node.ts";
import { readWatched } from "../../src/train/watched.node.ts";
import type { Watching } from "../../src/train/watched.ts";

const folder = mkdtempSync(join(tmpdir(), "convscope-time-lapse-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const engine = nodeEngine({ threads: 2 });
const dataset = syntheticDataset({ seed: 3, train: 24, validation: 8, test: 0 });

function begin(name: string, settings: Partial<RunConfig> = {}): Promise<Run> {
  const config: RunConfig = {
    ...demoConfig,
    ...{ size: 32, filters: [4, 6], units: 8, batch: 6, epochs: 3, threads: 2, ...settings },
  };
  return createRun(join(folder, name), config, dataset, engine.description);
}

const materialOf = ({ config }: Run): Material => ({ ...networkOf(config, dataset), dataset });

/** Trains as a user of the library does who wants to see what is looked at, until so many steps are done. */
async function train(run: Run, { state, steps = 999 }: { state?: TrainingState; steps?: number } = {}) {
  const material = materialOf(run);
  const controller = new AbortController();
  let done = 0;
  const watched = await watchRun(run, material, engine, state);
  const hooks = {
    signal: controller.signal,
    onStep: () => {
      if (++done === steps) controller.abort();
    },
    onEpoch: (_: unknown, reached: TrainingState) => watched.look(reached),
  };
  const { reason } = await trainRun(run, material, engine, hooks, state);
  await watched.dispose();
  return { reason, samples: watched.samples };
}

/** Files by their bytes. */
const kept = (run: Run): Record<string, string> =>
  Object.fromEntries(
    readdirSync(run.path("watched")).map((name) => [
      name,
      readFileSync(join(run.path("watched"), name)).toString("base64"),
    ]),
  );

let whole: Run;
let names: string[];

beforeAll(async () => {
  whole = await begin("whole");
  names = (await train(whole)).samples.map(({ name }) => name);
});

describe("pictures that are watched while a run trains", () => {
  test("are two of each class, kept before the first step and after every epoch", async () => {
    const epochs = await readWatched(whole);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
    for (const { pictures, method, layer } of epochs) {
      expect([method, layer]).toEqual(["Grad-CAM", "conv2d_1"]);
      expect(pictures.map(({ name, target }) => [name, target])).toEqual(
        names.map((name, at) => [name, [0, 0, 1, 1][at]]),
      );
      expect(pictures.map(({ raw }) => raw.shape)).toEqual(new Array(4).fill([13, 13]));
    }
  });

  test("have at the best epoch the explanation that the run's network gives", async () => {
    const best = bestRow((await readState(whole)).history)!.epoch;
    const epochs = await readWatched(whole);
    const model = await openModel(whole.folder, { engine });
    for (const { name, target, raw, outputs } of epochs[best]!.pictures) {
      const sample = dataset.splits.validation.find((one) => one.name === name)!;
      const expected = await explain(model, await dataset.read(sample, model.input), { target });
      const scale = Math.max(...expected.raw.data.map(Math.abs));
      for (const [i, value] of expected.raw.data.entries())
        expect(Math.abs(raw.data[i]! - value)).toBeLessThan(1e-5 * scale);
      expect(outputs.data[target]).toBeCloseTo(expected.target.probability, 6);
    }
    await closeModel(model);
  });

  test.each([1, 4, 6])("are the same to the bit after a stop at step %i", async (steps) => {
    const run = await begin(`stopped ${steps}`);
    expect((await train(run, { steps })).reason).toBe("interrupted");
    expect((await train(run, { state: await readState(run) })).reason).toBe("done");
    expect(kept(run)).toEqual(kept(whole));
  });

  test("are looked at again where a run was killed between its checkpoint and them", async () => {
    const run = await begin("killed", { epochs: 1 });
    await train(run);
    rmSync(join(run.path("watched"), "epoch-0001.safetensors"));
    const longer = { ...run, config: { ...run.config, epochs: 3 } };
    await train(longer, { state: await readState(run) });
    expect(kept(run)).toEqual(kept(whole));
  });

  test("are the named ones, or none", async () => {
    const watching = async (name: string, watch: Watching) => {
      const run = await begin(name, { watch, epochs: 1 });
      await train(run);
      return readWatched(run);
    };
    const name = dataset.splits.train[5]!.name;
    const epochs = await watching("named", [name]);
    expect(epochs.map(({ pictures }) => pictures.map((picture) => picture.name))).toEqual([[name], [name]]);
    expect(await watching("none", 0)).toEqual([]);
  });
});

describe("the report", () => {
  const section = (page: string): string | undefined =>
    /<section id="time-lapse">(.*?)<\/section>/s.exec(page)?.[1];

  test("has a row for each picture, and a heatmap an epoch with the probability below it", async () => {
    const { report, figures } = await writeReport(whole, { material: materialOf(whole), engine });
    const best = bestRow((await readState(whole)).history)!.epoch;
    const text = section(readFileSync(report, "utf8"))!;
    const rows = text.split('<figure class="strip">').slice(1);
    expect(rows).toHaveLength(4);
    const epochs = await readWatched(whole);
    for (const [at, row] of rows.entries()) {
      expect(row).toContain(`<bdi class="file">${names[at]}</bdi>`);
      expect(row.match(/<img /g)).toHaveLength(1 + epochs.length);
      const said = [...row.matchAll(/<span>([\d.]+)%<\/span> <span class="file">epoch (\d)/g)];
      expect(said.map(([, share, epoch]) => [Number(epoch), share])).toEqual(
        epochs.map(({ epoch, pictures }) => {
          const { outputs, target } = pictures[at]!;
          return [epoch, (100 * outputs.data[target]!).toFixed(1)];
        }),
      );
      expect(/class="kept">.*?epoch (\d)/s.exec(row)![1]).toBe(String(best));
    }
    for (const ending of ["svg", "png"])
      expect(figures).toContain(join(whole.path("figures"), `time-lapse.${ending}`));
  });

  test("leaves it out where nothing was watched", async () => {
    const run = await begin("unwatched", { watch: 0, epochs: 1 });
    await train(run);
    const { report, figures } = await writeReport(run, { material: materialOf(run), engine });
    expect(section(readFileSync(report, "utf8"))).toBeUndefined();
    expect(figures).not.toContain(join(run.path("figures"), "time-lapse.svg"));
  });
});
