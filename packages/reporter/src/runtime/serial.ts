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
