import { measureIn, type Score } from "../evaluate/score.ts";
import { measured, significant } from "../render/figures/format.ts";
import { dataName } from "../train/run.node.ts";
import type { RunRecord } from "../train/run-record.node.ts";
import { epochsToReach } from "../train/stages.ts";
import { bestRow } from "../train/state.ts";
import { duration } from "./output.ts";
import { type Column, table } from "./table.ts";

/** A run in a line, by the name that it goes by among the others. */
export interface NamedRun {
  readonly name: string;
  readonly record: RunRecord;
}

/** Runs and their scores for people. */
export function runTable(runs: readonly NamedRun[]): string {
  return table(columns, runs);
}

/** A run and its scores for machines. */
export function runSummary({ name, record }: NamedRun): Record<string, unknown> {
  const { folder, started, config, history, finished, test } = record;
  const best = bestRow(history);
  return {
    run: folder,
    name,
    started,
    network: config.architecture,
    data: dataName(config),
    epochs: history.length,
    of: epochsToReach(config, history),
    bestEpoch: best?.epoch,
    validation: best?.validation,
    test,
    seconds: seconds(record),
    finished,
  };
}

function seconds({ history }: RunRecord): number {
  return history.reduce((sum, row) => sum + row.seconds, 0);
}

const best = ({ record }: NamedRun) => bestRow(record.history);

/** The measure of a score; its name where it is not the accuracy. */
function scored(score: Score | undefined): string {
  if (!score) return measured({ share: false }, Number.NaN);
  const measure = measureIn(score);
  const value = measured(measure, score[measure.key]!);
  return measure.key === "accuracy" ? value : `${measure.title} ${value}`;
}

const columns: readonly Column<NamedRun>[] = [
  { heading: "run", cell: ({ name }) => name },
  { heading: "network", cell: ({ record }) => record.config.architecture },
  { heading: "data", cell: ({ record }) => dataName(record.config) },
  {
    heading: "epochs",
    cell: ({ record: { history, config } }) => `${history.length} of ${epochsToReach(config, history)}`,
    numeric: true,
  },
  { heading: "best", cell: (run) => String(best(run)?.epoch ?? ""), numeric: true },
  {
    heading: "validation",
    cell: (run) => scored(best(run)?.validation),
    numeric: true,
  },
  { heading: "loss", cell: (run) => significant(best(run)?.validation.loss ?? Number.NaN), numeric: true },
  { heading: "test", cell: ({ record }) => scored(record.test), numeric: true },
  { heading: "time", cell: ({ record }) => duration(seconds(record)), numeric: true },
  { heading: "state", cell: ({ record }) => (record.finished ? "done" : "unfinished") },
];
