import { join, relative } from "node:path";
import { shellWord } from "../base/shell.ts";
import { writeFileAtomic } from "../base/write.node.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/engine.ts";
import { wilsonInterval } from "../evaluate/interval.ts";
import { writeReport } from "../report/write.node.ts";
import type { StopReason } from "../train/fit.ts";
import type { Run } from "../train/run.node.ts";
import { bestRow, type EpochRow, type TrainingState } from "../train/state.ts";
import { trainRun } from "../train/train-run.node.ts";
import { exitCodes, Interrupted } from "./command.ts";
import { colors, duration, note, percent, say, sayJson } from "./output.ts";
import { ProgressLine } from "./progress.ts";

/** Where `latest` points: a text file with the newest run's name beside it. */
export async function pointLatest(run: Run): Promise<void> {
  await writeFileAtomic(
    join(run.folder, "..", "latest"),
    `${relative(join(run.folder, ".."), run.folder)}\n`,
  );
}

/** Trains a run as people watch it: progress, a row an epoch, Ctrl-C that saves, the report at the end. */
export async function trainWatched(
  run: Run,
  dataset: Dataset,
  engine: Engine,
  { state, json = false }: { state?: TrainingState; json?: boolean },
): Promise<void> {
  const { config } = run;
  const { train, validation, test } = dataset.splits;
  const tested = test.length > 0 ? `, ${test.length} set aside to test` : "";
  note(
    `${dataset.source}: ${dataset.classes.join(", ")}; ${train.length} pictures to train, ${validation.length} to validate${tested}`,
  );
  note(`${engine.description}; writing to ${run.folder}`);

  const stopping = interruption();
  let line: ProgressLine | undefined;
  let pictures = 0;
  try {
    const { reason, state: end } = await trainRun(
      run,
      dataset,
      engine,
      {
        signal: stopping.signal,
        onStep({ epoch, step, steps, running, pictures: more }) {
          line ??= new ProgressLine(`epoch ${epoch}/${config.epochs}`, "img");
          pictures += more;
          const details = `loss ${running.loss.toFixed(3)}  acc ${percent(running.accuracy)}`;
          line.update({ done: step, total: steps, details, count: pictures });
        },
        onEpoch(row) {
          line?.clear();
          line = undefined;
          pictures = 0;
          if (json) sayJson(row);
          else say(epochLine(row, config.epochs));
        },
      },
      state,
    );
    line?.clear();
    if (reason === "interrupted") {
      note(
        `Stopped in epoch ${end.epoch + 1} and saved. Go on with:\n  convscope train --resume ${shellWord(run.folder)}`,
      );
      throw new Interrupted();
    }
    if (reason === "early stopping")
      note(`Stopped early: the validation loss has not fallen for ${config.patience} epochs.`);
    await finish(run, dataset, engine, end, reason, json);
  } finally {
    line?.clear();
    stopping.release();
  }
}

async function finish(
  run: Run,
  dataset: Dataset,
  engine: Engine,
  { history }: TrainingState,
  reason: StopReason,
  json: boolean,
): Promise<void> {
  const line = new ProgressLine("report", "steps");
  const { report, validation, test } = await writeReport(run, {
    dataset,
    engine,
    progress: (done, total) => line.update({ done, total }),
  });
  line.clear();
  const best = bestRow(history)!;
  if (json) {
    sayJson({
      run: run.folder,
      reason,
      bestEpoch: best.epoch,
      validation: figures(validation),
      ...(test ? { test: figures(test) } : {}),
      report,
    });
    return;
  }
  const seconds = history.reduce((sum, row) => sum + row.seconds, 0);
  say();
  say(`best epoch   ${best.epoch} of ${history.length}, trained in ${duration(seconds)}`);
  say(`validation   ${scoreText(validation.correct, validation.n)}`);
  if (test) say(`test         ${scoreText(test.correct, test.n)}`);
  say(`report       ${report}`);
  say(`model        ${run.path("model")}`);
  say(`next         convscope explain ${shellWord(run.folder)} PHOTO`);
}

function figures({
  n,
  accuracy,
  interval,
  loss,
}: {
  n: number;
  accuracy: number;
  interval: readonly [number, number];
  loss: number;
}) {
  return { n, accuracy, interval, loss };
}

function scoreText(correct: number, n: number): string {
  const [low, high] = wilsonInterval(correct, n);
  return `${percent(correct / n)} of ${n} right (95% interval ${percent(low)} to ${percent(high)})`;
}

function epochLine(
  { epoch, train, validation, best, learningRate, seconds }: EpochRow,
  epochs: number,
): string {
  const score = ({ loss, accuracy }: EpochRow["train"]): string =>
    `${loss.toFixed(4)} / ${percent(accuracy).padStart(6)}`;
  const mark = best ? colors.green("★ best") : "      ";
  const number = `${String(epoch).padStart(String(epochs).length)}/${epochs}`;
  return `${number}  train ${score(train)}  val ${score(validation)}  ${mark}  lr ${learningRate.toExponential(1)}  ${duration(seconds)}`;
}

/** The first Ctrl-C stops after the step that runs, to save; the second ends at once. */
function interruption(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    note("\nStopping after this step to save; once more to stop at once.");
    controller.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return {
    signal: controller.signal,
    release: () => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
    },
  };
}
