/**
 * Spearman's: Pearson's correlation of the ranks, in [−1, 1]; equal values share the mean of their ranks. Where one of the two is the same
 * everywhere there is no order to compare: 1 if both are, else 0.
 */
export function rankCorrelation(a: Float32Array, b: Float32Array): number {
  const [first, second] = [ranks(a), ranks(b)];
  const middle = (a.length - 1) / 2;
  let [together, alone, other] = [0, 0, 0];
  for (let at = 0; at < first.length; at++) {
    const [x, y] = [first[at]! - middle, second[at]! - middle];
    together += x * y;
    alone += x * x;
    other += y * y;
  }
  if (alone === 0 || other === 0) return alone === other ? 1 : 0;
  return together / Math.sqrt(alone * other);
}

/** From 0. */
function ranks(values: Float32Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const found = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (const at of order.subarray(start, end)) found[at] = (start + end - 1) / 2;
    start = end;
  }
  return found;
}
