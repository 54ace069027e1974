import { setTimeout as sleep } from 'node:timers/promises'
import { createGroupCommit } from '../groupCommit.ts'
import { operationsOf } from '../sqlStore.ts'
import type { Store, StoreOperations } from '../store.ts'
import type { PostgresDatabase } from './openPostgres.ts'
import { retryDelay } from './postgresErrors.ts'

/** What writes nothing. Any number of them run beside each other and beside the writes. */
const READS: ReadonlySet<string> = new Set<keyof StoreOperations>([
  'loadRecording',
  'loadRecordings',
  'dueRecordings',
  'liveRecordings',
  'countRecordings',
  'listRecordings',
  'summarizeRecordings',
  'findAttempt',
  'recordingsWithoutSid',
  'liveRecordingsIn',
  'takenUids',
  'loadSettledAttempt',
  'readSettledAttempts',
  'readTimeline',
  'readTimelineEvents',
  'timelineRange',
  'listDeliveries',
  'oldestQueuedAt',
  'loadDelivery',
  'readBacklog',
  'readDestinations',
  'findApiKey',
  'readApiKeys',
  'loadIdempotencyKey',
  'readHourlyStatistics',
  'readDowntimes',
  'readTick',
  'loadJob',
  'listJobs',
  'runningJobs',
])

type Operation = (...args: unknown[]) => Promise<unknown>

/**
 * A store in PostgreSQL. As in SQLite there is one writer: transactions run one after the other and share commits. So the ids
 * of timeline entries and deliveries grow in the order of the commits, no transaction waits for the locks of another one, and
 * read committed is all the isolation that is needed.
 *
 * What fails before its commit was sent is tried again for a moment if the cause may have passed. A failed commit is not: it
 * may have been carried out. Its caller gets the error, as after a crash, and the recording's version tells what happened.
 */
export const createPostgresStore = ({
  writer,
  reader,
}: Pick<PostgresDatabase, 'writer' | 'reader'>): Store => {
  const commitInGroup = createGroupCommit(writer, retryDelay)
  const named = (operations: StoreOperations): Record<string, Operation> =>
    operations as unknown as Record<string, Operation>

  const reads = named(operationsOf(reader))
  const operations = Object.entries(reads).map(([name, read]): [string, Operation] =>
    READS.has(name)
      ? [name, (...args) => retrying(() => read(...args))]
      : [name, (...args) => commitInGroup(async (trx) => named(operationsOf(trx))[name]?.(...args))],
  )
  return {
    ...(Object.fromEntries(operations) as unknown as StoreOperations),
    transaction: (work) => commitInGroup((trx) => work(operationsOf(trx))),
  }
}

const retrying = async <T>(read: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read()
    } catch (error) {
      const delay = retryDelay(error, tries)
      if (delay === undefined) throw error
      await sleep(delay)
    }
  }
}
