/** More differences than this share of a word, and the word is another one, not a misspelt one. */
const MAX_DISTANCE_SHARE = 0.4

/** Levenshtein distance: how many letters have to be inserted, deleted or replaced. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1]
    for (const [at, other] of [...b].entries()) {
      const replaced = (row[at] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** The candidate that the word is most likely a misspelling of; undefined if none resembles it. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const [best] = candidates
    .map((candidate) => ({ candidate, far: distance(word, candidate) }))
    .sort((a, b) => a.far - b.far)
  const isAlike = best !== undefined && best.far <= Math.max(2, word.length * MAX_DISTANCE_SHARE)
  return isAlike ? best.candidate : undefined
}
