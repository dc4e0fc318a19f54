import { join } from "node:path";
import { UsageError } from "../base/errors.ts";
import { writeFileAtomic } from "../base/write.node.ts";
import { mostRuns, runsFigure } from "../render/figures/runs.ts";
import { readFonts } from "../render/font.node.ts";
import { rasterize } from "../render/raster.node.ts";
import { openRun, readListing } from "../train/run.node.ts";
import { note, say, sayJson } from "./output.ts";
import { type NamedRun, runSummary, runTable } from "./run-table.ts";
import { type Column, table } from "./table.ts";

/** Two runs or more: what sets them apart, how good they are, and their curves as figures in `folder`. */
export async function compareRuns(
  runs: readonly NamedRun[],
  { folder, json = false }: { readonly folder: string; readonly json?: boolean },
): Promise<void> {
  if (runs.length > mostRuns)
    throw new UsageError(
      `${runs.length} runs are too many to tell apart in a figure; give ${mostRuns} at most.`,
    );
  const hashes = await Promise.all(
    runs.map(async ({ record }) => (await readListing(await openRun(record.folder))).hash),
  );
  const differences = differingSettings(runs.map(({ record }) => record.config));
  const stem = join(folder, "runs");
  const svg = runsFigure(
    { runs: runs.map(({ name, record }) => ({ name, epochs: record.history })) },
    await readFonts(),
  );
  await writeFileAtomic(`${stem}.svg`, svg);
  await writeFileAtomic(`${stem}.png`, await rasterize(svg));
  const samePictures = new Set(hashes).size === 1;
  if (!samePictures)
    note(
      "note: these runs had other pictures, or other ones to validate with; their scores say less of each other",
    );
  if (json) {
    sayJson({
      runs: runs.map(runSummary),
      differences: Object.fromEntries(differences.map(({ setting, values }) => [setting, values])),
      samePictures,
      figures: [`${stem}.svg`, `${stem}.png`],
    });
    return;
  }
  say(differences.length > 0 ? differenceTable(runs, differences) : "The settings are the same.");
  say();
  say(runTable(runs));
  say();
  say(`figure       ${stem}.png, ${stem}.svg`);
}

interface Difference {
  /** Such as `augmentation.zoom`. */
  readonly setting: string;
  /** Of each run; undefined where it has no such setting. */
  readonly values: readonly unknown[];
}

function differingSettings(configs: readonly object[]): Difference[] {
  const settings = configs.map((config) => new Map(leaves(config)));
  const names = new Set(settings.flatMap((map) => [...map.keys()]));
  return [...names]
    .map((setting) => ({ setting, values: settings.map((map) => map.get(setting)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value ?? null))).size > 1);
}

/** Every setting within settings; a list is one. */
function leaves(settings: object, prefix = ""): [string, unknown][] {
  return Object.entries(settings).flatMap(([name, value]): [string, unknown][] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? leaves(value, `${prefix}${name}.`)
      : [[prefix + name, value]],
  );
}

/** Of a hash its beginning, by which people tell one from another. */
function cellOf(value: unknown): string {
  const text = String(value ?? "");
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text || "–";
}

function differenceTable(runs: readonly NamedRun[], differences: readonly Difference[]): string {
  const columns: Column<Difference>[] = [
    { heading: "setting", cell: ({ setting }) => setting },
    ...runs.map(({ name }, at) => ({
      heading: name,
      cell: ({ values }: Difference) => cellOf(values[at]),
      numeric: true,
    })),
  ];
  return table(columns, differences);
}
