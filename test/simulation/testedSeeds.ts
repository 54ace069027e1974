/** The tests always run the same seeds; `simulate --from` runs others. */
export const TESTED_SEEDS = { from: 1, seeds: 2000 }
