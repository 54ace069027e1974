/** Random numbers that follow from a seed. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number
  /** True with this probability, 0…1. */
  chance(probability: number): boolean
  pick<T>(from: readonly [T, ...T[]]): T
  /** `count` items, each made by `make`. */
  list<T>(count: number, make: (index: number) => T): T[]
}

/**
 * Each use has a stream of its own, so that one more number drawn for the pages does not change Agora's.
 * Mulberry32, seeded with a hash of the seed and the stream's name (FNV-1a): good enough, and fast.
 */
export const createRandom = (seed: number, stream: string): Random => {
  let state = hash(`${seed} ${stream}`)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (from) => from[integer(0, from.length - 1)] ?? from[0],
    list: (count, make) => Array.from({ length: count }, (_, index) => make(index)),
  }
}

const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value
}
