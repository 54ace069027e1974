import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { UnreadableRowError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'

/** Knows the live recordings whose rows this version cannot read, and which are therefore not supervised. */
export interface UnreadableRecordings {
  /** As of the last scan. */
  ids(): readonly string[]
  /** Reads all live recordings. */
  scan(): Promise<void>
  /** Scans now, and every 10 minutes. */
  start(): void
  /** Ends the scan in progress. */
  stop(): Promise<void>
}

/** Rows that are read at a stretch: 1 to 2 ms. */
const BATCH_SIZE = 20
const PAUSE_MS = 10
const INTERVAL_MS = 600_000
/** Ids in a line of the log. */
const MAX_LOGGED = 20

export const createUnreadableRecordings = (options: {
  store: Pick<Store, 'liveRecordings' | 'loadRecording'>
  log: Logger
}): UnreadableRecordings => {
  const { store, log } = options
  let found: readonly string[] = []
  let running = true
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()

  const errorOf = async (id: string): Promise<UnreadableRowError | undefined> => {
    try {
      await store.loadRecording(id)
      return undefined
    } catch (error) {
      if (error instanceof UnreadableRowError) return error
      throw error
    }
  }

  const scan = async (): Promise<void> => {
    const errors = new Map<string, UnreadableRowError>()
    const ids = await store.liveRecordings()
    for (const [index, id] of ids.entries()) {
      if (!running) return
      if (index > 0 && index % BATCH_SIZE === 0) await sleep(PAUSE_MS)
      const error = await errorOf(id)
      if (error) errors.set(id, error)
    }
    const isNew = [...errors.keys()].some((id) => !found.includes(id))
    found = [...errors.keys()]
    if (!isNew) return
    const fields = {
      count: found.length,
      recordingIds: found.slice(0, MAX_LOGGED),
      err: [...errors.values()][0],
    }
    log.error(fields, 'live recordings cannot be read by this version, and are not supervised')
  }

  const scanAndLog = async (): Promise<void> => {
    try {
      await scan()
    } catch (err) {
      log.error({ err }, 'stored recordings could not be checked, will retry in 10 minutes')
    }
  }

  return {
    ids: () => found,
    scan,
    start: () => {
      current = scanAndLog()
      timer = setInterval(() => {
        current = current.then(scanAndLog)
      }, INTERVAL_MS)
    },
    stop: async () => {
      running = false
      clearInterval(timer)
      await current
    },
  }
}
