/** The median; of an even number of values the upper one of the two in the middle; NaN of none. */
export const median = (values: readonly number[]): number => percentile(values, 50)

/** The smallest value that at least `percent` per cent of the values do not exceed; NaN of none. */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}

export const print = (line: object): void => console.log(JSON.stringify(line))
