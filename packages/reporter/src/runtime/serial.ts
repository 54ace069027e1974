/** Runs jobs with the same key one at a time, in order of arrival. Jobs with different keys run concurrently. */
export type Serial = <T>(key: string, job: () => Promise<T>) => Promise<T>

export const createSerial = (): Serial => {
  const tails = new Map<string, Promise<unknown>>()
  return async (key, job) => {
    const before = tails.get(key)
    const run = before ? before.then(job, job) : job()
    tails.set(key, run)
    try {
      return await run
    } finally {
      if (tails.get(key) === run) tails.delete(key)
    }
  }
}

/** Resolves when the key's turn has come. The next one comes when the returned function is called. */
export type TakeTurn = (key: string) => Promise<() => void>

/** Turns with the same key never overlap, and come in order of arrival. */
export const createTurns = (): TakeTurn => {
  const inOrder = createSerial()
  return (key) =>
    new Promise((come) => {
      void inOrder(key, () => new Promise<void>((end) => come(end)))
    })
}
