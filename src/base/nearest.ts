/** Names in the order of how much they are spelt like `word`, whatever the case; the most alike first. */
export function nearestFirst(word: string, names: readonly string[]): string[] {
  const distances = new Map(
    names.map((name) => [name, editDistance(word.toLowerCase(), name.toLowerCase())]),
  );
  return names.toSorted((a, b) => distances.get(a)! - distances.get(b)!);
}

/** Letters to insert, drop or change to make one word the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}
