import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { RecordingRequest } from '../recordingRequest.ts'
import { VersionConflictError } from '../store/errors.ts'
import { dueAt } from '../store/recordingFacts.ts'
import type { Store, StoreOperations } from '../store/store.ts'
import type { AttemptKey, DueTimeChange, NotificationKey, StoredRecording, TaskKey } from '../store/types.ts'
import { type Decision, decide } from '../supervisor/decide.ts'
import { attemptForUnknownSession } from '../supervisor/notification.ts'
import type { Policy } from '../supervisor/policy.ts'
import { newRecording } from '../supervisor/recording.ts'
import type { PageReport, Signal } from '../supervisor/signal.ts'
import type { Clock } from './clock.ts'
import type { HeartbeatBuffer } from './heartbeatBuffer.ts'
import { createSerial } from './serial.ts'

/** The one road in: every signal of a recording is decided on and stored here, one after the other. */
export interface Engine {
  create(id: string, request: RecordingRequest, policy: Policy): Promise<StoredRecording>
  /**
   * Decides on a signal, and stores the new state, the effects and the timeline in one transaction.
   * @returns the recording as it is then; undefined when there is none with this id
   */
  handle(id: string, signal: Signal, also?: HandleOptions): Promise<StoredRecording | undefined>
  /** The attempt that a notification is about; undefined when it is none of ours. */
  attemptOf(task: TaskKey): Promise<AttemptKey | undefined>
  /** Like `handle`, but a page that says nothing new costs no transaction. */
  handleReport(id: string, attempt: number, report: PageReport): Promise<StoredRecording | undefined>
  /**
   * Of recordings that are due, puts off those whose pages were heard since, so that no deadline has passed. There is
   * nothing to decide then: all of them are one short write.
   * @returns the others
   */
  pushBackDueTimes(ids: readonly string[]): Promise<string[]>
  /** With the heartbeats that are not stored yet. */
  load(id: string): Promise<StoredRecording | undefined>
  /** What was read from the store, with the heartbeats that are not stored yet. */
  refresh(stored: StoredRecording): StoredRecording
  /** Like `load`, from memory when this process has decided on it before: a steady heartbeat reads no row. */
  peek(id: string): Promise<StoredRecording | undefined>
}

/** What is stored in the same transaction as the decision. */
export interface HandleOptions {
  /** The effect that this signal is the outcome of. */
  completes?: number
  /** Decided on only if it was never seen before. */
  notification?: NotificationKey
}

export interface EngineOptions {
  store: Store
  clock: Clock
  heartbeats: HeartbeatBuffer
  log: Logger
  /** In [0, 1). */
  random?: () => number
  /** Whether most pages are silent, so that silence restarts nothing. */
  isIngressSuspect?: () => boolean
  /** Effects are waiting. */
  onEffects?: () => void
  /** The simulation looks at decisions, and takes wrong ones in to see that they are found. */
  decide?: typeof decide
}

/** Another process may have written in between; the decision is made again on what it wrote. */
const TRIES = 5

export const createEngine = (options: EngineOptions): Engine => {
  const { store, clock, heartbeats: pulse, log, random = Math.random } = options
  const { isIngressSuspect: isDeaf = () => false, onEffects = () => {} } = options
  const judge = options.decide ?? decide
  const serial = createSerial()
  /** What was stored last, for reports that change nothing. Bounded by the number of live recordings. */
  const latest = new Map<string, StoredRecording>()

  const follow = async (verbs: StoreOperations, decision: Decision, now: number): Promise<void> => {
    await verbs.addEffects(decision.recording.id, decision.effects, now)
    await verbs.appendTimeline(decision.recording.id, decision.timeline, now)
  }

  const refresh = (stored: StoredRecording): StoredRecording => ({
    ...stored,
    recording: pulse.refresh(stored.recording),
  })

  const committed = (stored: StoredRecording, decision: Decision): void => {
    const { recording } = stored
    if (recording.state === 'stopped' || recording.state === 'failed') latest.delete(recording.id)
    else latest.set(recording.id, stored)
    pulse.track(recording)
    for (const { code, attempt, message } of decision.timeline) {
      log.info({ recordingId: recording.id, attempt, code }, message)
    }
    if (decision.effects.length > 0) onEffects()
  }

  const decideOnce = async (
    id: string,
    signal: Signal,
    also: HandleOptions,
  ): Promise<StoredRecording | undefined> => {
    const now = clock.now()
    const outcome = await store.transaction(async (verbs) => {
      const stored = await verbs.loadRecording(id)
      if (also.completes !== undefined) await verbs.completeEffect(also.completes)
      if (!stored) return undefined
      if (also.notification && !(await verbs.rememberNotification(also.notification, now))) {
        return { stored, decision: undefined }
      }
      const decision = judge(pulse.refresh(stored.recording), signal, {
        now,
        random: random(),
        ingressSuspect: isDeaf(),
      })
      const nothing = decision.timeline.length === 0 && decision.effects.length === 0
      if (nothing && isDeepStrictEqual(decision.recording, stored.recording)) {
        return { stored, decision: undefined }
      }
      await verbs.saveRecording(stored, decision.recording, now)
      await follow(verbs, decision, now)
      return { stored: { ...stored, recording: decision.recording, version: stored.version + 1 }, decision }
    })
    if (outcome?.decision) committed(outcome.stored, outcome.decision)
    return outcome?.stored
  }

  const handle: Engine['handle'] = (id, signal, also = {}) =>
    serial(id, async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await decideOnce(id, signal, also)
        } catch (error) {
          if (!(error instanceof VersionConflictError) || tries === TRIES) throw error
        }
      }
    })

  return {
    create: (id, request, policy) =>
      serial(id, async () => {
        const now = clock.now()
        const decision = judge(
          newRecording(id, policy, now, request.maxRecordingHour),
          { type: 'created' },
          { now, random: random() },
        )
        await store.transaction(async (verbs) => {
          await verbs.insertRecording(request, decision.recording, now)
          await follow(verbs, decision, now)
        })
        const stored = { request, recording: decision.recording, version: 1 }
        committed(stored, decision)
        return stored
      }),
    handle,
    attemptOf: async (task) => {
      const found = await store.findAttempt(task)
      if (found) return found
      const stored = await store.loadRecording(task.cname)
      const stranger = stored && attemptForUnknownSession(stored.recording, task.uid)
      return stranger && { recordingId: task.cname, number: stranger.number }
    },
    handleReport: async (id, attempt, report) => {
      const known = latest.get(id)
      if (known && pulse.absorb(id, attempt, report, clock.now())) return known
      return handle(id, { type: 'report', attempt, report })
    },
    pushBackDueTimes: async (ids) => {
      const now = clock.now()
      const alive = ids.flatMap((id): DueTimeChange[] => {
        const known = latest.get(id)
        const due = known && dueAt(pulse.refresh(known.recording))
        return due && due > now ? [{ id, version: known.version, dueAt: due }] : []
      })
      const putOff = new Set(await store.pushBackDueTimes(alive))
      return ids.filter((id) => !putOff.has(id))
    },
    load: async (id) => {
      const stored = await store.loadRecording(id)
      return stored && refresh(stored)
    },
    refresh,
    peek: async (id) => latest.get(id) ?? store.loadRecording(id),
  }
}
