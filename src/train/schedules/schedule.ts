/** How the learning rate changes in the course of training. */
export interface Schedule {
  readonly name: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /**
   * The rate of a step.
   * @param base the learning rate that was asked for
   * @param part of all steps that are done, 0…1
   * @param losses of the validation after each epoch so far
   */
  rate(base: number, part: number, losses: readonly number[]): number;
}
