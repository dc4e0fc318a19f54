import { exitCodes } from "./command.ts";
import { note } from "./output.ts";

/** The first Ctrl-C asks for an end, saying what is still done; the second ends at once. */
export function interruption(saying: string): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    note(`\n${saying}; once more to stop at once.`);
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
