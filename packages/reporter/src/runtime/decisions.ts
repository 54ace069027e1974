import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { RecordingRequest } from '../recordingRequest.ts'
import { DecisionError } from '../store/errors.ts'
import type { Store, StoreOperations } from '../store/store.ts'
import type { NotificationKey, StoredRecording, TakenUids } from '../store/types.ts'
import { withAttempts } from '../supervisor/attempts.ts'
import { type Decision, decide as decideByDefault } from '../supervisor/decide.ts'
import { totalsOf } from '../supervisor/downtime.ts'
import type { Moment } from '../supervisor/draft.ts'
import type { Policy } from '../supervisor/policy.ts'
import { type Downtimes, newRecording, type Recording, type Time } from '../supervisor/recording.ts'
import type { Signal } from '../supervisor/signal.ts'
import { uidRangeOf } from '../uidRange.ts'
import type { Clock } from './clock.ts'
import type { HeartbeatBuffer } from './heartbeatBuffer.ts'
import { kindOf } from './kinds/kindOf.ts'
import { withSettledAttempt } from './settledAttempts.ts'
import { freeUidBase } from './uidBlocks.ts'

/** Makes decisions, and stores each in one transaction. Callers serialize the signals of a recording. */
export interface Decisions {
  /**
   * @throws {NoUidsLeftError}
   * @throws if the id exists
   */
  create(id: string, request: RecordingRequest, policy: Policy): Promise<Outcome & { decision: Decision }>
  /**
   * @returns undefined if there is no recording with this id
   * @throws {VersionConflictError} if another process wrote the recording meanwhile
   * @throws {DecisionError} if `decide` throws
   */
  decide(id: string, signal: Signal, options: HandleOptions): Promise<Outcome | undefined>
  /** What would be decided on a signal now; undefined if `decide` throws. Stores nothing. */
  preview(recording: Recording, signal: Signal, world: { downtimes: Downtimes }): Decision | undefined
}

/** What the transaction of a decision also stores. */
export interface HandleOptions {
  /** Id of the effect whose outcome the signal is. */
  completes?: number
  /** The notification that the signal came from. A repeated one changes nothing. */
  notification?: NotificationKey
}

export interface Outcome {
  /** As it is now in the store. */
  stored: StoredRecording
  /** Absent if nothing was written. */
  decision?: Decision
}

export interface DecisionOptions {
  store: Pick<Store, 'transaction'>
  clock: Clock
  log: Logger
  heartbeats: Pick<HeartbeatBuffer, 'refresh'>
  /** Uniform in [0, 1). */
  random?: () => number
  /** Whether most pages are silent, so that silence alone restarts nothing. */
  isIngressSuspect?: () => boolean
  /** Why reports may not arrive, for people; undefined if nothing is known. */
  ingressCause?: () => string | undefined
  /** The simulation observes decisions, and injects wrong ones to prove that they are found. */
  decide?: typeof decideByDefault
}

export const createDecisions = (options: DecisionOptions): Decisions => {
  const { store, clock, heartbeats, log, random = Math.random } = options
  const { isIngressSuspect = () => false, ingressCause = () => undefined } = options
  const { decide = decideByDefault } = options

  const withNamedAttempt = async (
    operations: StoreOperations,
    stored: StoredRecording,
    signal: Signal,
  ): Promise<Recording> =>
    'attempt' in signal
      ? withSettledAttempt({ store: operations, log }, stored.recording, signal.attempt)
      : stored.recording

  const decideOn = (recording: Recording, signal: Signal, moment: Pick<Moment, 'now' | 'downtimes'>) => {
    try {
      const ingress = { ingressSuspect: isIngressSuspect(), ingressCause: ingressCause() }
      return decide(recording, signal, { ...moment, random: random(), ...ingress })
    } catch (error) {
      throw new DecisionError(recording.id, error)
    }
  }

  return {
    create: (id, request, policy) =>
      store.transaction(async (operations) => {
        const now = clock.now()
        const downtimes = await operations.readDowntimes()
        const { maxRecordingHour, ...identity } = kindOf(request).factsOf(request, id)
        const { cname } = identity
        const uidBase = freeUidBase(cname, withUsers(await operations.takenUids(cname), request))
        const blank = {
          ...newRecording(id, policy, now, maxRecordingHour, { ...identity, uidBase }),
          appliedDowntimes: totalsOf(downtimes),
        }
        const decision = decide(blank, { type: 'created' }, { now, random: random(), downtimes })
        await operations.insertRecording(request, decision.recording, now)
        await storeConsequences(operations, decision, now)
        return { stored: { request, recording: decision.recording, version: 1 }, decision }
      }),
    decide: (id, signal, { completes, notification }) =>
      store.transaction(async (operations) => {
        // Not before: while the transaction waited for its turn, time has passed and a downtime may have been stored.
        const now = clock.now()
        const stored = await operations.loadRecording(id)
        if (completes !== undefined) await operations.completeEffect(completes)
        if (!stored) return undefined
        if (notification && !(await operations.rememberNotification(notification, now))) return { stored }
        const before = await withNamedAttempt(operations, stored, signal)
        const { recording } = heartbeats.refresh({ ...stored, recording: before })
        const decision = decideOn(recording, signal, { now, downtimes: await operations.readDowntimes() })
        if (changesNothing(decision, before)) return { stored }
        await operations.saveRecording(stored, decision.recording, now)
        await storeConsequences(operations, decision, now)
        return { stored: { ...stored, recording: decision.recording, version: stored.version + 1 }, decision }
      }),
    preview: (recording, signal, { downtimes }) => {
      try {
        return decideOn(recording, signal, { now: clock.now(), downtimes })
      } catch {
        return undefined
      }
    },
  }
}

/** Also those whom the new recording's own request names. */
const withUsers = (taken: TakenUids, request: RecordingRequest): TakenUids => {
  const users = uidRangeOf(request)
  return users ? { ...taken, userRanges: [...taken.userRanges, users] } : taken
}

const storeConsequences = async (
  operations: StoreOperations,
  { recording, settled, effects, timeline }: Decision,
  now: Time,
): Promise<void> => {
  if (settled.length > 0) await operations.saveSettledAttempts(recording.id, settled)
  await operations.addEffects(recording.id, effects, now)
  await operations.appendTimeline(recording.id, timeline, now)
}

/** Attempts settle with the next change. */
const changesNothing = ({ recording, settled, effects, timeline }: Decision, before: Recording): boolean =>
  timeline.length === 0 && effects.length === 0 && isDeepStrictEqual(withAttempts(recording, settled), before)
