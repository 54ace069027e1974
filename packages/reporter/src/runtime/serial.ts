/** Runs jobs with the same key one after the other, in the order they came; other keys at the same time. */
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
