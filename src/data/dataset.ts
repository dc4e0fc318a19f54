import type { Framing } from "../base/framing.ts";
import type { Picture } from "../base/picture.ts";
import type { TaskName, Truth } from "../model/tasks/index.ts";

/** One labelled picture of a data set; labels are indices into the data set's `classes`. */
export interface Sample extends Truth {
  /** Path relative to the data's folder with forward slashes, or a generated picture's name. Unique in its data set. */
  readonly name: string;
  /** SHA-256 of the file's content, or 128 bits from the recipe that draws it; hexadecimal. */
  readonly hash: string;
}

export const splitNames = ["train", "validation", "test"] as const;
export type SplitName = (typeof splitNames)[number];

/** Pictures with labels, wherever they come from: photos in a folder, or drawn by us. */
export interface Dataset {
  /** Where the pictures come from, for people: a folder, or "built-in pictures". */
  readonly source: string;
  /** What is to be learnt from it; which one of the classes a picture is of unless said. */
  readonly task?: TaskName;
  /** Names of the classes in label order, of the labels, or of the value. */
  readonly classes: readonly string[];
  readonly splits: Readonly<Record<SplitName, readonly Sample[]>>;
  /** What was passed over or looks wrong, one sentence each: broken files, duplicates across splits. */
  readonly remarks: readonly string[];
  /** Of pictures that have been decoded the `fingerprint`, by `hash`. */
  readonly fingerprints?: ReadonlyMap<string, Uint8Array>;
  /** Where they have been looked for: the most alike first. */
  readonly nearDuplicates?: readonly NearDuplicate[];
  /** The sample's picture at the size of `framing`. */
  read(sample: Sample, framing: Framing): Promise<Picture>;
}

/** A picture that is held out and the one of train that it is most like. */
export interface NearDuplicate {
  readonly split: Exclude<SplitName, "train">;
  readonly sample: Sample;
  readonly original: Sample;
  /** Whether it is the other's mirror image, as training may show it. */
  readonly mirrored: boolean;
  /** Pearson's, of the two as 16×16 grey levels; at least 0.94, at most 1. */
  readonly correlation: number;
}
