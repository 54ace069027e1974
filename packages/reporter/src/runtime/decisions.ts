import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { RecordingRequest } from '../recordingRequest.ts'
import { scheduleOf } from '../schedule.ts'
import { standbyIdOf } from '../standbyId.ts'
import { DecisionError, UnreadableRowError } from '../store/errors.ts'
import type { Store, StoreOperations } from '../store/store.ts'
import type { IdempotencyKey, NotificationKey, StoredRecording } from '../store/types.ts'
import { withAttempts } from '../supervisor/attempts.ts'
import { type Decision, decide as decideByDefault } from '../supervisor/decide.ts'
import { totalsOf } from '../supervisor/downtime.ts'
import type { Moment } from '../supervisor/draft.ts'
import type { Policy } from '../supervisor/policy.ts'
import { type Downtimes, newRecording, type Recording, type Time } from '../supervisor/recording.ts'
import type { RequestedChange, Signal } from '../supervisor/signal.ts'
import { uidRangeOf } from '../uidRange.ts'
import type { Clock } from './clock.ts'
import type { AnnouncedDecision } from './deliveries/announcementsOf.ts'
import type { Outbox } from './deliveries/outbox.ts'
import type { HeartbeatBuffer } from './heartbeatBuffer.ts'
import { kindOf } from './kinds/kindOf.ts'
import { type Requester, withRequester } from './requester.ts'
import { withSettledAttempt } from './settledAttempts.ts'
import { freeUidBase } from './uidBlocks.ts'

/** Makes decisions, and stores each in one transaction. Callers serialize the signals of a recording. */
export interface Decisions {
  /**
   * Creates a recording and, if it is requested, its standby.
   * @returns what was created, the recording first
   * @throws {NoUidsLeftError}
   * @throws {UidsInUseError}
   * @throws if the id or the idempotency key exists
   */
  create(
    id: string,
    request: RecordingRequest,
    policy: Policy,
    options?: CreateOptions,
  ): Promise<[Outcome, ...Outcome[]]>
  /**
   * @returns undefined if there is no recording with this id
   * @throws {VersionConflictError} if another process wrote the recording meanwhile
   * @throws {DecisionError} if `decide` throws
   */
  decide(id: string, signal: Signal, options: HandleOptions): Promise<Outcome | undefined>
  /**
   * The same for a recording and its standby together. If only the standby cannot be decided on, the recording is.
   * @returns what was decided on, the recording first
   */
  decideBoth(
    id: string,
    signal: Signal,
    options?: CommandOptions,
  ): Promise<[Outcome, ...Outcome[]] | undefined>
  /**
   * Changes the request of a recording and of its standby together.
   * @returns as `decideBoth`
   */
  change(id: string, revise: Revise, requester?: Requester): Promise<[Outcome, ...Outcome[]] | undefined>
  /** What would be decided on a signal now; undefined if `decide` throws. Stores nothing. */
  preview(recording: Recording, signal: Signal, world: { downtimes: Downtimes }): Decision | undefined
}

/**
 * What a recording's request becomes, by what the user has changed; undefined if it stays as it is.
 * @throws if the change is refused; then nothing is stored
 */
export type Revise = (stored: StoredRecording) => Revision | undefined

export interface Revision {
  request: RecordingRequest
  /** What the supervisor is to know of it. */
  change: RequestedChange
}

/** What the transaction of a creation also stores. */
export interface CreateOptions extends Requester {
  idempotencyKey?: IdempotencyKey
}

/** What the transaction of a command also stores. */
export interface CommandOptions extends Requester {
  /** Is done if there is a recording with this id; if it rejects, nothing is. */
  alongside?: (operations: StoreOperations) => Promise<void>
}

/** What the transaction of a decision also stores. */
export interface HandleOptions extends Requester {
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
  /** What decisions announce is written in their transactions. */
  outbox?: Pick<Outbox, 'announce'>
  /** The simulation observes decisions, and injects wrong ones to prove that they are found. */
  decide?: typeof decideByDefault
}

export const createDecisions = (options: DecisionOptions): Decisions => {
  const { store, clock, heartbeats, log, random = Math.random } = options
  const { isIngressSuspect = () => false, ingressCause = () => undefined } = options
  const { decide = decideByDefault, outbox } = options

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

  const storeConsequences = async (
    operations: StoreOperations,
    step: AnnouncedDecision,
    now: Time,
  ): Promise<void> => {
    const { recording, settled, effects, timeline } = step.decision
    if (settled.length > 0) await operations.saveSettledAttempts(recording.id, settled)
    await operations.addEffects(recording.id, effects, now)
    await operations.appendTimeline(recording.id, timeline, now)
    await outbox?.announce(operations, step, now)
  }

  const saveDecision = async (
    operations: StoreOperations,
    stored: StoredRecording,
    { before, decision }: Pick<AnnouncedDecision, 'before' | 'decision'>,
    now: Time,
  ): Promise<Outcome> => {
    const { labels } = stored.request
    await operations.saveRecording(stored, decision.recording, now)
    await storeConsequences(operations, { before, decision, labels }, now)
    const version = stored.version + 1
    return { stored: { ...stored, recording: decision.recording, version, updatedAt: now }, decision }
  }

  const createOne = async (
    operations: StoreOperations,
    blank: Recording,
    { request, by, ...moment }: Requester & { request: RecordingRequest; now: Time; downtimes: Downtimes },
  ): Promise<Outcome> => {
    const { cname } = blank
    const uidBase = freeUidBase(cname, await operations.takenUids(cname), uidRangeOf(request))
    const recording = { ...blank, uidBase, appliedDowntimes: totalsOf(moment.downtimes) }
    const created = decide(recording, { type: 'created' }, { ...moment, random: random() })
    const decision = withRequester(created, { by })
    const { now } = moment
    await operations.insertRecording(request, decision.recording, now)
    await storeConsequences(operations, { before: undefined, decision, labels: request.labels }, now)
    return { stored: { request, recording: decision.recording, version: 1, updatedAt: now }, decision }
  }

  const decideOne = async (
    operations: StoreOperations,
    id: string,
    signal: Signal,
    { completes, notification, by }: HandleOptions = {},
  ): Promise<Outcome | undefined> => {
    // Not before: while the transaction waited for its turn, time has passed and a downtime may have been stored.
    const now = clock.now()
    const stored = await operations.loadRecording(id)
    if (completes !== undefined) await operations.completeEffect(completes)
    if (!stored) return undefined
    if (notification && !(await operations.rememberNotification(notification, now))) return { stored }
    const before = await withNamedAttempt(operations, stored, signal)
    const { recording } = heartbeats.refresh({ ...stored, recording: before })
    const decided = decideOn(recording, signal, { now, downtimes: await operations.readDowntimes() })
    const decision = withRequester(decided, { by })
    if (changesNothing(decision, before)) return { stored }
    return saveDecision(operations, stored, { before, decision }, now)
  }

  const changeOne = async (
    operations: StoreOperations,
    id: string,
    { revise, by }: Requester & { revise: Revise },
  ): Promise<Outcome | undefined> => {
    const now = clock.now()
    const stored = await operations.loadRecording(id)
    const revision = stored && revise(stored)
    if (!revision) return stored && { stored }
    const { request, change } = revision
    const { recording } = heartbeats.refresh(stored)
    const downtimes = await operations.readDowntimes()
    const changed = decideOn(recording, { type: 'changed', ...change }, { now, downtimes })
    const decision = withRequester(changed, { by })
    await operations.saveRequest(id, request)
    return saveDecision(operations, { ...stored, request }, { before: stored.recording, decision }, now)
  }

  /** For a recording, and for its standby if it has one. */
  const forBoth = (
    id: string,
    signal: Signal['type'],
    decideFor: DecideFor,
  ): Promise<[Outcome, ...Outcome[]] | undefined> =>
    store.transaction(async (operations) => {
      const main = await decideFor(operations, id)
      if (!main?.stored.request.standby) return main && [main]
      const standbyId = standbyIdOf(id)
      try {
        const standby = await decideFor(operations, standbyId)
        return standby ? [main, standby] : [main]
      } catch (err) {
        // Both errors come before anything is written.
        if (!(err instanceof UnreadableRowError || err instanceof DecisionError)) throw err
        log.error({ err, recordingId: standbyId, signal }, 'A command does not reach a standby')
        return [main]
      }
    })

  return {
    create: (id, request, policy, { idempotencyKey, by } = {}) =>
      store.transaction(async (operations) => {
        const now = clock.now()
        if (idempotencyKey) await operations.insertIdempotencyKey(idempotencyKey, now)
        const context = { request, by, now, downtimes: await operations.readDowntimes() }
        const { maxRecordingHour, ...identity } = kindOf(request).factsOf(request, id)
        const blank = newRecording(id, policy, now, maxRecordingHour, {
          ...identity,
          schedule: scheduleOf(request),
        })
        const main = await createOne(operations, blank, context)
        if (!request.standby) return [main]
        return [main, await createOne(operations, { ...blank, id: standbyIdOf(id) }, context)]
      }),
    decide: (id, signal, handleOptions) =>
      store.transaction((operations) => decideOne(operations, id, signal, handleOptions)),
    decideBoth: (id, signal, { alongside, by } = {}) =>
      forBoth(id, signal.type, async (operations, each) => {
        const outcome = await decideOne(operations, each, signal, { by })
        if (outcome && each === id) await alongside?.(operations)
        return outcome
      }),
    change: (id, revise, requester) =>
      forBoth(id, 'changed', (operations, each) => changeOne(operations, each, { revise, ...requester })),
    preview: (recording, signal, { downtimes }) => {
      try {
        return decideOn(recording, signal, { now: clock.now(), downtimes })
      } catch {
        return undefined
      }
    },
  }
}

type DecideFor = (operations: StoreOperations, id: string) => Promise<Outcome | undefined>

/** Attempts settle with the next change. */
const changesNothing = ({ recording, settled, effects, timeline }: Decision, before: Recording): boolean =>
  timeline.length === 0 && effects.length === 0 && isDeepStrictEqual(withAttempts(recording, settled), before)
