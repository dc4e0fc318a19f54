/** Told after each item. */
export type Progress = (done: number, total: number) => void;

/** Enough to keep Node's four input threads busy, few enough that whole files in flight stay small. */
const atOnce = 8;

/** Maps with bounded concurrency; results keep the order of the items. The first error ends it. */
export async function mapParallel<T, R>(
  items: readonly T[],
  map: (item: T) => Promise<R>,
  progress?: Progress,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await map(items[index]!).catch((error) => {
        next = items.length;
        throw error;
      });
      progress?.(++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
