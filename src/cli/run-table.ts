import { percent, significant } from "../render/figures/format.ts";
import { dataName } from "../train/run.node.ts";
import type { RunRecord } from "../train/run-record.node.ts";
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
    of: config.epochs,
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

const columns: readonly Column<NamedRun>[] = [
  { heading: "run", cell: ({ name }) => name },
  { heading: "network", cell: ({ record }) => record.config.architecture },
  { heading: "data", cell: ({ record }) => dataName(record.config) },
  {
    heading: "epochs",
    cell: ({ record: { history, config } }) => `${history.length} of ${config.epochs}`,
    numeric: true,
  },
  { heading: "best", cell: (run) => String(best(run)?.epoch ?? ""), numeric: true },
  {
    heading: "validation",
    cell: (run) => percent(best(run)?.validation.accuracy ?? Number.NaN),
    numeric: true,
  },
  { heading: "loss", cell: (run) => significant(best(run)?.validation.loss ?? Number.NaN), numeric: true },
  { heading: "test", cell: ({ record }) => percent(record.test?.accuracy ?? Number.NaN), numeric: true },
  { heading: "time", cell: ({ record }) => duration(seconds(record)), numeric: true },
  { heading: "state", cell: ({ record }) => (record.finished ? "done" : "unfinished") },
];
