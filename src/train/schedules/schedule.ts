/** How the learning rate changes in the course of training. */
export interface Schedule {
  readonly name: string;
  /**
   * The rate of a step.
   * @param base the learning rate that was asked for
   * @param part of all steps that are done, 0…1
   */
  rate(base: number, part: number): number;
}
