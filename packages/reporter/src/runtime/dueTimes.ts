import type { Store, StoreOperations } from '../store/store.ts'
import type { StoredRecording } from '../store/types.ts'
import type { Decision } from '../supervisor/decide.ts'
import { type Downtimes, dueAt, type Recording, type Time } from '../supervisor/recording.ts'
import type { Decisions } from './decisions.ts'
import type { HeartbeatBuffer } from './heartbeatBuffer.ts'

export interface DueTimesOptions {
  store: Pick<Store, 'transaction'>
  /** Recordings as last stored. Those that are missing are read. */
  latest: ReadonlyMap<string, StoredRecording>
  heartbeats: Pick<HeartbeatBuffer, 'refresh' | 'expect'>
  preview: Decisions['preview']
  now: () => Time
}

/**
 * Finds due recordings of which nothing is to be decided now, because heartbeats that are not stored yet or a downtime have
 * moved their deadlines into the future. Only their due times are updated, all in one statement: after a downtime nearly
 * all recordings are due.
 *
 * In one transaction, because a step of the wall clock moves all due times.
 * @returns the ids of the others
 */
export const pushBackDueTimes = async (
  options: DueTimesOptions,
  ids: readonly string[],
): Promise<string[]> => {
  if (ids.length === 0) return []
  const { store, heartbeats } = options
  const moved = await store.transaction(async (operations) => {
    const downtimes = await operations.readDowntimes()
    const due = await readAll(options, operations, ids)
    const changes = due.flatMap((stored) => {
      const later = laterDueTime(options, stored, downtimes)
      return later === undefined ? [] : [{ id: stored.recording.id, version: stored.version, dueAt: later }]
    })
    const movedIds = new Set(await operations.pushBackDueTimes(changes))
    return due.filter(({ recording }) => movedIds.has(recording.id))
  })
  for (const { recording } of moved) heartbeats.expect(recording)
  const movedIds = new Set(moved.map(({ recording }) => recording.id))
  return ids.filter((id) => !movedIds.has(id))
}

/** With the heartbeats that are not stored yet; without those that cannot be read. */
const readAll = async (
  { latest, heartbeats }: DueTimesOptions,
  operations: StoreOperations,
  ids: readonly string[],
): Promise<StoredRecording[]> => {
  const known = ids.flatMap((id) => latest.get(id) ?? [])
  const read = await operations.loadRecordings(ids.filter((id) => !latest.has(id)))
  const readable = read.flatMap(({ stored }) => ('recording' in stored ? [stored] : []))
  return [...known, ...readable].map(heartbeats.refresh)
}

const laterDueTime = (
  { preview, now }: DueTimesOptions,
  { recording }: StoredRecording,
  downtimes: Downtimes,
): Time | undefined => {
  const isApplied = recording.appliedDowntimes.count === downtimes.count
  const after = isApplied ? recording : unlessDecided(preview(recording, { type: 'due' }, { downtimes }))
  const due = after && dueAt(after)
  return due !== undefined && due > now() ? due : undefined
}

/** Undefined if anything but the downtime was decided on, or nothing could be. */
const unlessDecided = (decision: Decision | undefined): Recording | undefined => {
  if (!decision || decision.effects.length > 0) return undefined
  return decision.timeline.every(({ code }) => code === 'reporter.returned') ? decision.recording : undefined
}
