/** The tests always run the same seeds, and look for what a mutation breaks in these; `simulate --from` runs others. */
export const TESTED_SEEDS = { from: 1, seeds: 2000 }
