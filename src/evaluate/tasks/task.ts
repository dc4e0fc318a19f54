/** What the measures of all tasks are called in records. */
export type MeasureKey = "accuracy" | "f1" | "r2";

/** The number that says how good a network is over many pictures, and so which epoch is best: the highest. */
export interface Measure {
  readonly key: MeasureKey;
  /** For people, and where there is little room. */
  readonly title: string;
  readonly short: string;
  /** Whether it is a part of a whole, which people have in percent. */
  readonly share: boolean;
  /** What a picture adds to the sums that it follows from: from its row of logits and the one to aim for (`Task.target`). */
  terms(logits: ArrayLike<number>, target: ArrayLike<number>): number[];
  /** From these sums over `n` pictures. */
  from(sums: readonly number[], n: number): number;
}

/** How the answers of a task are scored. */
export interface Scoring {
  /** The loss of one picture, from its row of logits and the one to aim for; what training makes small. */
  loss(logits: ArrayLike<number>, target: ArrayLike<number>): number;
  readonly measure: Measure;
  /** The function of the library that says all there is to say. */
  readonly evaluatedBy: string;
}
