import type { RecordingRequest } from '../recordingRequest.ts'
import { standbyIdOf } from '../standbyId.ts'
import { VersionConflictError } from '../store/errors.ts'
import { isTerminal } from '../store/recordingFacts.ts'
import type { Store } from '../store/store.ts'
import type { StoredRecording, TaskKey } from '../store/types.ts'
import type { Policy } from '../supervisor/policy.ts'
import type { Recording } from '../supervisor/recording.ts'
import type { PageReport, Signal } from '../supervisor/signal.ts'
import { TIMELINE_LEVELS } from '../supervisor/timeline.ts'
import { attemptOf, type NotifiedAttempt } from './attemptOf.ts'
import {
  type CommandOptions,
  type CreateOptions,
  createDecisions,
  type DecisionOptions,
  type HandleOptions,
  type Outcome,
  type Revise,
} from './decisions.ts'
import type { DowntimeWatch } from './downtimeWatch.ts'
import { pushBackDueTimes } from './dueTimes.ts'
import type { HeartbeatBuffer } from './heartbeatBuffer.ts'
import { isRecorder } from './recorders.ts'
import type { Requester } from './requester.ts'
import { createSerial } from './serial.ts'
import { withSettledAttempt } from './settledAttempts.ts'

/** The only way in: all signals of a recording are decided on and stored here, one at a time. */
export interface Engine {
  /**
   * Creates a recording and, if it is requested, its standby, in one transaction.
   * @throws {NoUidsLeftError}
   * @throws {UidsInUseError}
   * @throws if the id or the idempotency key exists
   */
  create(
    id: string,
    request: RecordingRequest,
    policy: Policy,
    options?: CreateOptions,
  ): Promise<StoredRecording>
  /**
   * Decides on a signal, and stores the new state, the effects and the timeline entries in one transaction.
   * @returns the recording after the decision; undefined if there is none with this id
   */
  handle(id: string, signal: Signal, options?: HandleOptions): Promise<StoredRecording | undefined>
  /** Like `handle`, for a signal of the user: the recording and its standby are decided on in one transaction. */
  command(id: string, signal: Signal, options?: CommandOptions): Promise<StoredRecording | undefined>
  /** Like `command`, for a change of the request. */
  change(id: string, revise: Revise, requester?: Requester): Promise<StoredRecording | undefined>
  /** Like `handle`, but a report without news needs no transaction. */
  handleReport(id: string, attempt: number, report: PageReport): Promise<StoredRecording | undefined>
  /** The attempt that a notification is about, with the sid of its task; undefined if it is not one of ours. */
  attemptOf(task: TaskKey): Promise<NotifiedAttempt | undefined>
  /**
   * Somebody has joined a channel, which its recordings are notified of. A recorder of ours is none who joins.
   * @returns whether a recording of this channel is in a state other than a terminal one. Pages have a cname as well, but
   * no users
   */
  handleJoined(cname: string, uid: string): Promise<boolean>
  /**
   * Updates the due times of due recordings of which nothing is to be decided now (dueTimes.ts).
   * @returns the ids of the others
   */
  pushBackDueTimes(ids: readonly string[]): Promise<string[]>
  /**
   * Reads a recording, and applies the heartbeats that are not stored yet.
   * @param attempt the number of an attempt that the recording is to hold even if it has settled
   */
  load(id: string, attempt?: number): Promise<StoredRecording | undefined>
  /** Applies the heartbeats that are not stored yet to a recording read from the store. */
  refresh(stored: StoredRecording): StoredRecording
  /** Like `load`, without heartbeats, and from memory if possible: a steady heartbeat reads no row. */
  peek(id: string): Promise<StoredRecording | undefined>
}

export interface EngineOptions extends DecisionOptions {
  store: Store
  heartbeats: HeartbeatBuffer
  /** A downtime that has ended is stored before anything is decided. */
  downtimes?: Pick<DowntimeWatch, 'check' | 'settle'>
  /** Called with each recording after a decision was stored. */
  onDecision?: (recording: Recording) => void
  /** Called when there are new effects to carry out. */
  onEffects?: () => void
}

/** Another process may write between load and save; the decision is then made again on what it wrote. */
const MAX_TRIES = 5

export const createEngine = (options: EngineOptions): Engine => {
  const { store, clock, heartbeats, log, downtimes, onDecision = () => {}, onEffects = () => {} } = options
  const decisions = createDecisions(options)
  const inOrder = createSerial()
  /** Live recordings as last stored, for reports that change nothing. */
  const latest = new Map<string, StoredRecording>()

  const afterCommit = ({ stored, decision }: Outcome): StoredRecording => {
    const { recording } = stored
    if (!decision) return stored
    if (isTerminal(recording)) latest.delete(recording.id)
    else latest.set(recording.id, stored)
    heartbeats.track(recording)
    onDecision(recording)
    for (const { code, attempt, message, evidence } of decision.timeline) {
      log[TIMELINE_LEVELS[code]]({ recordingId: recording.id, attempt, code, evidence }, message)
    }
    if (decision.effects.length > 0) onEffects()
    return stored
  }

  const { refresh } = heartbeats

  const handle: Engine['handle'] = (id, signal, handleOptions = {}) =>
    inOrder(id, async () => {
      if (downtimes?.check()) await downtimes.settle()
      const decided = await retryConflicts(() => decisions.decide(id, signal, handleOptions))
      return decided && afterCommit(decided)
    })

  /** No job waits for the recording while it holds the standby, so two jobs never wait for each other. */
  const inOrderForBoth = <T>(id: string, job: () => Promise<T>): Promise<T> =>
    inOrder(id, () => inOrder(standbyIdOf(id), job))

  /** @returns the recording, without its standby */
  const afterCommitOfBoth = ([main, ...standby]: [Outcome, ...Outcome[]]): StoredRecording => {
    const stored = afterCommit(main)
    standby.forEach(afterCommit)
    return stored
  }

  const decideForBoth = (id: string, decide: () => ReturnType<typeof decisions.decideBoth>) =>
    inOrderForBoth(id, async () => {
      if (downtimes?.check()) await downtimes.settle()
      const decided = await retryConflicts(decide)
      return decided && afterCommitOfBoth(decided)
    })

  return {
    create: (id, request, policy, createOptions) =>
      inOrderForBoth(id, async () => {
        if (downtimes?.check()) await downtimes.settle()
        return afterCommitOfBoth(await decisions.create(id, request, policy, createOptions))
      }),
    handle,
    command: (id, signal, commandOptions) =>
      decideForBoth(id, () => decisions.decideBoth(id, signal, commandOptions)),
    change: (id, revise, requester) => decideForBoth(id, () => decisions.change(id, revise, requester)),
    handleReport: async (id, attempt, report) => {
      const known = downtimes?.check() ? undefined : latest.get(id)
      if (known && heartbeats.absorb({ recordingId: id, number: attempt }, report, clock.now())) return known
      return handle(id, { type: 'report', attempt, report })
    },
    attemptOf: (task) => attemptOf(options, task),
    handleJoined: async (cname, uid) => {
      const listed = await store.loadRecordings(await store.liveRecordingsIn(cname))
      const live = listed.flatMap(({ stored }) =>
        'recording' in stored && stored.recording.kind === 'channel' ? [stored] : [],
      )
      if (live.length === 0) return false
      if (await isRecorder(store, { cname, uid }, live)) return true
      await Promise.all(live.map(({ recording }) => handle(recording.id, { type: 'joined', uid })))
      return true
    },
    pushBackDueTimes: (ids) =>
      pushBackDueTimes({ store, latest, heartbeats, preview: decisions.preview, now: clock.now }, ids),
    load: async (id, attempt) => {
      const stored = await store.loadRecording(id)
      if (!stored || attempt === undefined) return stored && refresh(stored)
      const recording = await withSettledAttempt(options, stored.recording, attempt)
      return refresh({ ...stored, recording })
    },
    refresh,
    peek: async (id) => latest.get(id) ?? store.loadRecording(id),
  }
}

const retryConflicts = async <T>(job: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await job()
    } catch (error) {
      if (!(error instanceof VersionConflictError) || tries === MAX_TRIES) throw error
    }
  }
}
