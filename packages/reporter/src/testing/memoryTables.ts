import type { RecordingRequest } from '../recordingRequest.ts'
import { VersionConflictError } from '../store/errors.ts'
import { mergeHourlyStatistics } from '../store/hourlyStatistics.ts'
import { isTerminal } from '../store/recordingFacts.ts'
import type { StoreOperations } from '../store/store.ts'
import type {
  Cutoffs,
  HourlyStatistics,
  LastHeartbeat,
  ListedRecording,
  ListOptions,
  RecordingPlace,
  StoredEffect,
  StoredRecording,
  StoredTimelineEntry,
} from '../store/types.ts'
import {
  type Attempt,
  type Downtimes,
  dueAt,
  NO_DOWNTIMES,
  type Recording,
  type Time,
} from '../supervisor/recording.ts'
import { type AttemptOperation, attemptOperations } from './memoryAttempts.ts'
import { put, remove, type UndoLog } from './undoLog.ts'

/** Values are stored and returned without copies, so callers must not change them. */
export interface Tables {
  recordings: Map<string, RecordingRow>
  /** By recording id, newest first. */
  settledAttempts: Map<string, Attempt[]>
  timeline: Map<string, StoredTimelineEntry[]>
  effects: Map<number, EffectRow>
  /** Arrival times, by `noticeId` and by place in the session's sequence. */
  notifications: Map<string, Time>
  lastHeartbeats: Map<string, LastHeartbeat>
  /** By recording id. */
  hourlyStatistics: Map<string, HourlyStatistics[]>
  tick: Time | undefined
  downtimes: Downtimes
  /** The last id given to a timeline entry or an effect. */
  lastId: number
}

export interface RecordingRow {
  request: RecordingRequest
  recording: Recording
  version: number
  /** Null if there is no deadline. */
  dueAt: Time | null
  updatedAt: Time
}

export interface EffectRow extends StoredEffect {
  claimedUntil: Time
}

export const emptyTables = (): Tables => ({
  recordings: new Map(),
  settledAttempts: new Map(),
  timeline: new Map(),
  effects: new Map(),
  notifications: new Map(),
  lastHeartbeats: new Map(),
  hourlyStatistics: new Map(),
  tick: undefined,
  downtimes: NO_DOWNTIMES,
  lastId: 0,
})

/** Operations that take effect immediately. Every write pushes its undo function. */
export const operationsOn = (tables: Tables, undo: UndoLog): StoreOperations => ({
  ...recordingOperations(tables, undo),
  ...attemptOperations(tables, undo),
  ...effectOperations(tables, undo),
  ...otherOperations(tables, undo),
})

type RecordingOperation =
  | 'insertRecording'
  | 'loadRecording'
  | 'saveRecording'
  | 'dueRecordings'
  | 'pushBackDueTimes'
  | 'loadRecordings'
  | 'liveRecordings'
  | 'countRecordings'
  | 'listRecordings'

const recordingsWithEffects = (effects: Tables['effects']): Set<string> =>
  new Set([...effects.values()].map(({ recordingId }) => recordingId))

const withLastHeartbeat = ({ lastHeartbeats }: Tables, row: RecordingRow): StoredRecording => ({
  ...row,
  lastHeartbeat: lastHeartbeats.get(row.recording.id),
})

const listed = (tables: Tables, row: RecordingRow): ListedRecording => {
  const { id, createdAt } = row.recording
  return { id, createdAt, stored: withLastHeartbeat(tables, row) }
}

const recordingOperations = (tables: Tables, undo: UndoLog): Pick<StoreOperations, RecordingOperation> => {
  const { recordings, effects } = tables
  return {
    insertRecording: async (request, recording, now) => {
      if (recordings.has(recording.id)) throw new Error(`The id ${recording.id} is taken`)
      put(
        recordings,
        recording.id,
        { request, recording, version: 1, dueAt: dueAt(recording) ?? null, updatedAt: now },
        undo,
      )
    },
    loadRecording: async (id) => {
      const row = recordings.get(id)
      return row && withLastHeartbeat(tables, row)
    },
    saveRecording: async (stored, recording, now) => {
      const { id } = recording
      if (recordings.get(id)?.version !== stored.version) {
        throw new VersionConflictError(id)
      }
      const { request, version } = stored
      const row = {
        request,
        recording,
        version: version + 1,
        dueAt: dueAt(recording) ?? null,
        updatedAt: now,
      }
      put(recordings, id, row, undo)
    },
    loadRecordings: async (ids) =>
      ids.flatMap((id) => {
        const row = recordings.get(id)
        return row ? [listed(tables, row)] : []
      }),
    dueRecordings: async (now, { limit, except, after = Number.NEGATIVE_INFINITY }) =>
      [...recordings.values()]
        .filter(({ dueAt }) => dueAt !== null && dueAt <= now && dueAt > after)
        .filter(({ recording }) => !except.includes(recording.id))
        .sort((one, other) => Number(one.dueAt) - Number(other.dueAt))
        .slice(0, limit)
        .map(({ recording }) => recording.id),
    pushBackDueTimes: async (changes) => {
      const moved: string[] = []
      for (const { id, version, dueAt } of changes) {
        const row = recordings.get(id)
        if (row?.version !== version) continue
        put(recordings, id, { ...row, dueAt }, undo)
        moved.push(id)
      }
      return moved
    },
    liveRecordings: async () => {
      const pending = recordingsWithEffects(effects)
      return [...recordings.values()]
        .filter(
          ({ recording, dueAt }) => !isTerminal(recording) || dueAt !== null || pending.has(recording.id),
        )
        .map(({ recording }) => recording.id)
    },
    countRecordings: async () =>
      [...recordings.values()].filter(({ recording }) => !isTerminal(recording)).length,
    listRecordings: async (options) => page(recordings, options).map((row) => listed(tables, row)),
  }
}

const page = (recordings: Tables['recordings'], { state, before, limit }: ListOptions): RecordingRow[] => {
  const newest = [...recordings.values()].sort((one, other) => compare(other.recording, one.recording))
  return newest
    .filter(({ recording }) => state === undefined || recording.state === state)
    .filter(({ recording }) => !before || compare(recording, before) < 0)
    .slice(0, limit)
}

const compare = (one: RecordingPlace, other: RecordingPlace): number =>
  one.createdAt - other.createdAt || (one.id < other.id ? -1 : Number(one.id > other.id))

type EffectOperation = 'addEffects' | 'claimEffects' | 'completeEffect' | 'releaseEffect' | 'releaseClaims'

const effectOperations = (tables: Tables, undo: UndoLog): Pick<StoreOperations, EffectOperation> => {
  const { effects } = tables
  const claim = (row: EffectRow, claimedUntil: Time): void =>
    put(effects, row.id, { ...row, claimedUntil }, undo)
  return {
    addEffects: async (recordingId, added) => {
      for (const effect of added) {
        const id = ++tables.lastId
        put(effects, id, { ...effect, id, recordingId, claimedUntil: 0 }, undo)
      }
    },
    claimEffects: async (now, { kinds, limit, leaseMs }) => {
      const unclaimed = [...effects.values()]
        .filter(({ kind, claimedUntil }) => claimedUntil <= now && kinds.includes(kind))
        .sort((one, other) => one.id - other.id)
        .slice(0, limit)
      for (const row of unclaimed) claim(row, now + leaseMs)
      return unclaimed.map(({ claimedUntil, ...effect }) => effect)
    },
    completeEffect: async (id) => remove(effects, id, undo),
    releaseEffect: async (id, at) => {
      const row = effects.get(id)
      if (row) claim(row, at)
    },
    releaseClaims: async () => {
      for (const row of effects.values()) claim(row, 0)
    },
  }
}

type OtherOperation = Exclude<keyof StoreOperations, RecordingOperation | AttemptOperation | EffectOperation>

const otherOperations = (tables: Tables, undo: UndoLog): Pick<StoreOperations, OtherOperation> => ({
  appendTimeline: async (recordingId, entries, at) => {
    if (entries.length === 0) return
    const added = entries.map((entry) => ({ ...entry, id: ++tables.lastId, at }))
    put(tables.timeline, recordingId, [...(tables.timeline.get(recordingId) ?? []), ...added], undo)
  },
  readTimeline: async (recordingId, { after, limit }) =>
    (tables.timeline.get(recordingId) ?? []).filter(({ id }) => id > after).slice(0, limit),
  rememberNotification: async ({ noticeId, sid, uid, eventType, sequence }, now) => {
    const keys = [noticeId, ...(sequence === null ? [] : [JSON.stringify([sid, uid, eventType, sequence])])]
    if (keys.some((key) => tables.notifications.has(key))) return false
    for (const key of keys) tables.notifications.set(key, now)
    undo.push(() => {
      for (const key of keys) tables.notifications.delete(key)
    })
    return true
  },
  saveLastHeartbeats: async (heartbeats) => {
    for (const { recordingId, attempt, page, seq, at } of heartbeats) {
      put(tables.lastHeartbeats, recordingId, { recordingId, attempt, page, seq, at }, undo)
    }
  },
  addHourlyStatistics: async (statistics) => {
    for (const added of statistics) {
      const others = tables.hourlyStatistics.get(added.recordingId) ?? []
      const same = others.find(({ attempt, hour }) => attempt === added.attempt && hour === added.hour)
      const merged = same ? mergeHourlyStatistics(same, added) : added
      put(
        tables.hourlyStatistics,
        added.recordingId,
        [...others.filter((each) => each !== same), merged],
        undo,
      )
    }
  },
  readHourlyStatistics: async (recordingId) =>
    (tables.hourlyStatistics.get(recordingId) ?? []).toSorted(
      (one, other) => one.hour - other.hour || one.attempt - other.attempt,
    ),
  readDowntimes: async () => tables.downtimes,
  addDowntime: async ({ downtimeMs, clockStepBackMs }, endedAt) => {
    const { downtimes: before, tick } = tables
    undo.push(() => Object.assign(tables, { downtimes: before, tick }))
    tables.tick = endedAt
    tables.downtimes = {
      count: before.count + 1,
      downtimeMs: before.downtimeMs + downtimeMs,
      clockStepBackMs: before.clockStepBackMs + clockStepBackMs,
      endedAt,
    }
    if (clockStepBackMs > 0) shiftTimes(tables, clockStepBackMs, undo)
    return tables.downtimes
  },
  readTick: async () => tables.tick,
  prune: async (cutoffs, limit) => prune(tables, cutoffs, limit, undo),
  writeTick: async (now) => {
    const before = tables.tick
    undo.push(() => {
      tables.tick = before
    })
    tables.tick = now
  },
})

const shiftTimes = ({ recordings, effects }: Tables, byMs: number, undo: UndoLog): void => {
  for (const [id, row] of recordings) {
    if (row.dueAt !== null) put(recordings, id, { ...row, dueAt: row.dueAt - byMs }, undo)
  }
  for (const [id, row] of effects) {
    if (row.claimedUntil > 0) put(effects, id, { ...row, claimedUntil: row.claimedUntil - byMs }, undo)
  }
}

const prune = (tables: Tables, cutoffs: Cutoffs, limit: number, undo: UndoLog): number => {
  const pending = recordingsWithEffects(tables.effects)
  const prunable = [...tables.recordings.values()]
    .filter(({ recording, dueAt }) => isTerminal(recording) && dueAt === null && !pending.has(recording.id))
    .filter(({ updatedAt, recording }) => updatedAt < cutoffs.before && !mayStillRun(recording, cutoffs.now))
    .slice(0, limit)
  for (const { recording } of prunable) {
    remove(tables.recordings, recording.id, undo)
    remove(tables.settledAttempts, recording.id, undo)
    remove(tables.timeline, recording.id, undo)
    remove(tables.lastHeartbeats, recording.id, undo)
    remove(tables.hourlyStatistics, recording.id, undo)
  }
  const entries = drop(tables.timeline, ({ at }) => at < cutoffs.before, undo)
  const hours = drop(tables.hourlyStatistics, ({ hour }) => hour < cutoffs.before, undo)
  const old = [...tables.notifications].filter(([, at]) => at < cutoffs.notificationsBefore).slice(0, limit)
  for (const [key] of old) remove(tables.notifications, key, undo)
  return prunable.length + entries + hours + old.length
}

const mayStillRun = ({ attempts }: Recording, now: Time): boolean =>
  attempts.some(({ state, mayRunUntil }) => state === 'orphaned' && (mayRunUntil ?? now + 1) > now)

/** Removes old rows from the lists of a table, and returns their number. */
const drop = <T>(table: Map<string, T[]>, isOld: (row: T) => boolean, undo: UndoLog): number => {
  let dropped = 0
  for (const [id, rows] of table) {
    const kept = rows.filter((row) => !isOld(row))
    dropped += rows.length - kept.length
    if (kept.length < rows.length) put(table, id, kept, undo)
  }
  return dropped
}
