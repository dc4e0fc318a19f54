import type { Listing } from "../data/listing.ts";
import type { Network } from "../model/model.ts";
import type { TimeLapseInput } from "../render/figures/time-lapse.ts";
import type { RunConfig } from "../train/config.ts";
import type { EpochRow } from "../train/state.ts";
import type { Card } from "./cards.ts";
import type { Figures } from "./figures.ts";
import type { Findings } from "./findings.ts";
import type { Pair } from "./near-duplicates.ts";
import type { Strip } from "./time-lapse.ts";

/** All that the report's page is written from. */
export interface ReportContent {
  /** The run's folder, as commands take it. */
  readonly folder: string;
  readonly config: RunConfig;
  /** Where the run was begun, by name: versions, processor, time. */
  readonly environment: Readonly<Record<string, string | number>>;
  readonly history: readonly EpochRow[];
  readonly network: Network;
  readonly listing: Listing;
  /** Whether the pictures are other ones than those that the run was begun with. */
  readonly dataChanged: boolean;
  readonly findings: Findings;
  readonly figures: Figures;
  /** Pictures held out that are nearly the same as one of train, the most alike first. */
  readonly pairs: readonly Pair[];
  /** What the run made of its watched pictures; undefined where there were none. */
  readonly timeLapse: TimeLapseInput | undefined;
  /** Their pictures, as `data:` URIs. */
  readonly strips: readonly Strip[];
  /** The activation grids among the findings, as `data:` URIs. */
  readonly grids: readonly string[];
  /** The examples among the findings. */
  readonly cards: Readonly<Record<"mistakes" | "uncertain" | "right" | "rivals", readonly Card[]>>;
}
