import { listNames, UserError } from "../base/errors.ts";
import { shellWord } from "../base/shell.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/engine.ts";
import { measureIn, measureOf, type Score } from "../evaluate/score.ts";
import { splitScore } from "../evaluate/task-evaluation.ts";
import { counted, measured } from "../render/figures/format.ts";
import { type RunWatch, watchRun } from "../report/watch-run.node.ts";
import { writeReport } from "../report/write.node.ts";
import type { RunConfig } from "../train/config.ts";
import type { StopReason } from "../train/fit.ts";
import { createRun, newRunFolder, pointLatest, type Run } from "../train/run.node.ts";
import { bestRow, type EpochRow, type TrainingState } from "../train/state.ts";
import { type Material, type TrainRunHooks, trainRun } from "../train/train-run.node.ts";
import { Interrupted } from "./command.ts";
import { interruption } from "./interruption.ts";
import { colors, duration, note, say, sayJson } from "./output.ts";
import { ProgressLine } from "./progress.ts";
import { textOf } from "./tasks/index.ts";

/** Makes the folder of a new run: the one named, or one with the time in its name, to which `latest` then leads. */
export async function beginRun(
  { out, runs }: { readonly out?: string; readonly runs: string },
  config: RunConfig,
  dataset: Dataset,
  engine: Engine,
): Promise<Run> {
  const run = await createRun(out ?? newRunFolder(runs, config), config, dataset, engine.description);
  if (out === undefined && !(await pointLatest(run)))
    note(`note: no link to this run was made at ${runs}/latest; name the run by its own folder`);
  return run;
}

/** Trains a run as people watch it: progress, a row an epoch, Ctrl-C that saves, the report at the end. */
export async function trainWatched(
  run: Run,
  material: Material,
  engine: Engine,
  { state, json = false }: { state?: TrainingState; json?: boolean },
): Promise<void> {
  const { config } = run;
  const { dataset } = material;
  const { train, validation, test } = dataset.splits;
  const tested = test.length > 0 ? `, ${test.length} set aside to test` : "";
  note(
    `${dataset.source}: ${dataset.classes.join(", ")}; ${train.length} pictures to train, ${validation.length} to validate${tested}`,
  );
  note(`${engine.description}; writing to ${run.folder}`);

  const watched = await beginWatching(run, material, engine, state);
  const stopping = interruption("Stopping after this step to save");
  let line: ProgressLine | undefined;
  let pictures = 0;
  let { epochs } = config;
  const measure = measureOf(dataset);
  const { key, short } = measure;
  const hooks: TrainRunHooks = {
    signal: stopping.signal,
    onStage({ epochs: reached, unfrozen, learningRate }) {
      epochs = reached;
      if (unfrozen)
        note(
          `fine-tuning ${counted(unfrozen.length, "layer")} of the backbone with the head, from its best epoch on, at ${compact(learningRate)}`,
        );
    },
    onStep({ epoch, step, steps, running, pictures: more }) {
      line ??= new ProgressLine(`epoch ${epoch}/${epochs}`, "img");
      pictures += more;
      const details = `loss ${lossText(running.loss, 3)}  ${short} ${measured(measure, running[key]!)}`;
      line.update({ done: step, total: steps, details, count: pictures });
    },
    async onEpoch(row, reached) {
      await watched?.look(reached);
      line?.clear();
      line = undefined;
      pictures = 0;
      if (json) sayJson(row);
      else say(epochLine(row, epochs));
    },
  };
  const { reason, state: end } = await trainRun(run, material, engine, hooks, state).finally(async () => {
    line?.clear();
    // All is saved: from here on Ctrl-C ends the process as it does any other.
    stopping.release();
    await watched?.dispose();
  });
  if (reason === "interrupted") {
    const resume = `convscope train --resume ${shellWord(run.folder)}`;
    note(`Stopped in epoch ${end.epoch + 1} and saved. Go on with:\n  ${resume}`);
    if (json) sayJson({ run: run.folder, reason, resume });
    throw new Interrupted();
  }
  if (reason === "early stopping")
    note(`Stopped early: the validation loss has not fallen for ${counted(config.patience!, "epoch")}.`);
  await finish(run, material, engine, end, reason, json);
}

/** Says which pictures are watched; where the network cannot be explained, it is trained all the same. */
async function beginWatching(
  run: Run,
  material: Material,
  engine: Engine,
  state: TrainingState | undefined,
): Promise<RunWatch | undefined> {
  if (run.config.watch === 0) return undefined;
  try {
    const watched = await watchRun(run, material, engine, state);
    const names = watched.samples.map(({ name }) => name);
    note(`explained after every epoch: ${listNames(names)}`);
    return watched;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(`note: no pictures are explained in training: ${error.message}`);
    return undefined;
  }
}

async function finish(
  run: Run,
  material: Material,
  engine: Engine,
  { history }: TrainingState,
  reason: StopReason,
  json: boolean,
): Promise<void> {
  const line = new ProgressLine("report", "steps");
  const { report, validation, test } = await writeReport(run, {
    material,
    engine,
    progress: (done, total) => line.update({ done, total }),
  });
  line.clear();
  const { headline } = textOf(validation);
  const best = bestRow(history)!;
  if (json) {
    sayJson({
      run: run.folder,
      reason,
      bestEpoch: best.epoch,
      validation: splitScore(validation),
      ...(test ? { test: splitScore(test) } : {}),
      report,
    });
    return;
  }
  const seconds = history.reduce((sum, row) => sum + row.seconds, 0);
  say();
  say(`best epoch   ${best.epoch} of ${history.length}, ${duration(seconds)} in all`);
  say(`validation   ${headline(validation)}`);
  if (test) say(`test         ${headline(test)}`);
  say(`report       ${report}`);
  say(`model        ${run.path("model")}`);
  say(`next         convscope explain ${shellWord(run.folder)} PHOTO`);
}

function epochLine(
  { epoch, train, validation, best, learningRate, seconds }: EpochRow,
  epochs: number,
): string {
  const measure = measureIn(validation);
  const score = (of: Score): string =>
    `${lossText(of.loss, 4)} / ${measured(measure, of[measure.key]!).padStart(6)}`;
  const mark = best ? colors.green("★ best") : "      ";
  const number = `${String(epoch).padStart(String(epochs).length)}/${epochs}`;
  return `${number}  train ${score(train)}  val ${score(validation)}  ${mark}  lr ${compact(learningRate)}  ${duration(seconds)}`;
}

/** A loss that runs away must not push the rest of its line away. */
function lossText(loss: number, digits: number): string {
  return loss < 1e4 ? loss.toFixed(digits) : loss.toExponential(2);
}

/** Three digits at most: `0.001`, `1e-4`, `1.25e-4`. */
function compact(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded < 0.001 ? rounded.toExponential() : String(rounded);
}
