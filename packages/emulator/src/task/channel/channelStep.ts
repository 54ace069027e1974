import { beginFailover, endFormerSession, takeOver } from '../failover.ts'
import { extend, log, notify, notifyFrom } from '../stepBuilder.ts'
import { isRunning, type StepContext } from '../task.ts'
import { ALL_UPLOADED, changeUploads, notifyUploadEnd } from '../uploads.ts'
import { countListed, fileListOf, nextListing } from './channelFiles.ts'
import {
  type ChannelExit,
  type ChannelInput,
  type ChannelStep,
  type ChannelTask,
  type ChannelTimer,
  unchanged,
} from './channelTask.ts'
import { takeSnapshots } from './snapshots.ts'
import { followStreams, loseStreams } from './streams.ts'

/** The bits of event 41's `leaveCode`. */
const LEAVE = { signal: 2, noUsers: 4, client: 16 } as const

/** Agora sends event 33 once a minute. */
const PROGRESS_MS = 60_000

/** `errorCode` of event 1 after the command `stop` with code 6. */
const RECORDER_FAILED = 1

/** `errorCode` of event 1 when the RTC token has expired. */
const TOKEN_EXPIRED = 109

/** Event 1 of the recorder: module 0, level 5 is fatal. */
const fatalError = (errorCode: number, errorMsg: string): Record<string, unknown> => ({
  module: 0,
  errorLevel: 5,
  errorCode,
  stat: 0,
  errorMsg,
})

/** Counts from the moment in which the last user has left, or from the start. */
const watchIdleness = (step: ChannelStep, now: number): ChannelStep =>
  step.task.users.length > 0
    ? extend(step, { idleSince: null }, { type: 'cancelTimer', timer: 'idle' })
    : extend(step, { idleSince: now }, { type: 'startTimer', timer: 'idle', delayMs: step.task.maxIdleMs })

const startUploading = (step: ChannelStep, now: number): ChannelStep => {
  const { snapshotMs, recordingAt } = step.task
  const started = extend(
    notify(step, 30, { status: 0 }),
    { recordingAt: recordingAt ?? now, uploading: true },
    { type: 'startTimer', timer: 'progress', delayMs: PROGRESS_MS },
  )
  return snapshotMs === null
    ? started
    : extend(started, {}, { type: 'startTimer', timer: 'snapshot', delayMs: snapshotMs })
}

/** Event 4 comes when query begins to name files. */
const awaitListing = (step: ChannelStep, before: ChannelTask, now: number): ChannelStep => {
  const delayMs = nextListing(step.task, now)
  const isAwaited = nextListing(before, now) !== null
  return delayMs === null || isAwaited
    ? step
    : extend(step, {}, { type: 'startTimer', timer: 'listed', delayMs })
}

/** What follows from the users and the subscription, once the recorder is in the channel. */
const follow = (step: ChannelStep, now: number): ChannelStep => {
  const before = step.task
  const followed = followStreams(step, now)
  const { streams, state, uploading } = followed.task
  const begins = streams.length > 0 && !uploading
  const awaited = awaitListing(begins ? startUploading(followed, now) : followed, before, now)
  return state === before.state ? awaited : log(awaited, state === 'idle' ? 'idle' : 'recording')
}

const describeCollision = ({ uid, users }: ChannelTask): string | null =>
  users.includes(uid) ? `uid ${uid} is a user of the channel, too: they would push each other out` : null

/** The recorder is in the channel, and the service can replace its server from now on (event 13). */
const join = (step: ChannelStep, now: number): ChannelStep => {
  const joined = notify(notify(step, 40, { status: 0 }), 13, {})
  const collision = describeCollision(joined.task)
  const logged = collision === null ? joined : log(joined, collision)
  return follow(log(logged, 'joined the channel'), now)
}

/** What may end a task while a server records: an empty channel, and the end of its token. */
const watchEnds = (step: ChannelStep, now: number): ChannelStep => {
  const watched = watchIdleness(step, now)
  const { tokenExpiresAt } = step.task
  if (tokenExpiresAt === null) return watched
  const delayMs = Math.max(0, tokenExpiresAt - now)
  return extend(watched, {}, { type: 'startTimer', timer: 'tokenExpiry', delayMs })
}

const start = (task: ChannelTask, { now, delays }: StepContext): ChannelStep => {
  const joinTimer = { type: 'startTimer', timer: 'join', delayMs: delays.openDelayMs } as const
  return watchEnds(extend(unchanged(task), {}, joinTimer), now)
}

const changeUsers = (task: ChannelTask, users: readonly string[], now: number): ChannelStep => {
  const wasEmpty = task.users.length === 0
  const changed = extend(unchanged(task), { users })
  if (task.session.next !== null) return changed
  const watched = wasEmpty === (users.length === 0) ? changed : watchIdleness(changed, now)
  return task.state === 'starting' ? watched : follow(watched, now)
}

const changeSubscription = (step: ChannelStep, now: number): ChannelStep =>
  step.task.state === 'starting' ? step : follow(step, now)

/**
 * The recorder leaves the channel with event 41, or dies. The upload ends with the exit timer, and the task with event 11.
 */
const beginExit = (step: ChannelStep, exit: ChannelExit, { now, delays }: StepContext): ChannelStep => {
  const ended = endFormerSession(step, fileListOf(step.task, now))
  const exiting = extend(ended, { state: 'exiting', exitingAt: now, exit }, { type: 'cancelTimers' })
  const left = exit.leaveCode === null ? exiting : notify(exiting, 41, { leaveCode: exit.leaveCode })
  const leaving = extend(left, {}, { type: 'startTimer', timer: 'exit', delayMs: delays.exitDelayMs })
  return log(leaving, `stopping: ${exit.reason}`)
}

const failWith = (
  task: ChannelTask,
  exit: ChannelExit,
  errorCode: number,
  context: StepContext,
): ChannelStep => beginExit(notify(unchanged(task), 1, fatalError(errorCode, exit.reason)), exit, context)

/** Nothing is uploaded after the recorder died, or if there is nothing. */
const finishUpload = (step: ChannelStep, now: number): ChannelStep => {
  const { recordingAt, exit, uploads } = step.task
  if (recordingAt === null || exit?.leaveCode === null) return step
  const progressed = uploads === 'ok' ? notify(step, 33, { progress: ALL_UPLOADED }) : step
  return notifyUploadEnd(progressed, uploads, fileListOf(step.task, now))
}

const finishExit = (step: ChannelStep, now: number): ChannelStep => {
  const exited = notify(finishUpload(step, now), 11, { exitStatus: step.task.exit?.exitStatus ?? 0 })
  return log(extend(exited, { state: 'ended', endedAt: now }), 'ended')
}

const failOver = (
  task: ChannelTask,
  input: Extract<ChannelInput, { type: 'failoverRequested' }>,
  now: number,
): ChannelStep => {
  const ended = endFormerSession(unchanged(task), fileListOf(task, now))
  const failing = beginFailover(ended, { ...input, now })
  return extend(loseStreams(failing, now), {
    state: 'starting',
    announced: task.tracks.length,
    uploading: false,
    idleSince: null,
  })
}

/** The next server joins the channel anew, and begins new files. */
const resumeElsewhere = (task: ChannelTask, { now, delays }: StepContext): ChannelStep =>
  join(watchEnds(takeOver(unchanged(task), delays.exitDelayMs), now), now)

const announceFiles = (task: ChannelTask, now: number): ChannelStep => {
  const listed = extend(unchanged(task), { announced: countListed(task, now) })
  const announced = notify(listed, 4, fileListOf(task, now))
  const delayMs = nextListing(announced.task, now)
  return delayMs === null
    ? announced
    : extend(announced, {}, { type: 'startTimer', timer: 'listed', delayMs })
}

const announceProgress = (task: ChannelTask): ChannelStep => {
  const again = extend(unchanged(task), {}, { type: 'startTimer', timer: 'progress', delayMs: PROGRESS_MS })
  return task.uploads === 'ok' ? notify(again, 33, { progress: ALL_UPLOADED }) : again
}

const handleTimer = (task: ChannelTask, timer: ChannelTimer, context: StepContext): ChannelStep => {
  const { now } = context
  const current = unchanged(task)
  switch (timer) {
    case 'join':
      return join(current, now)
    case 'idle': {
      const reason = `no user in the channel for ${task.maxIdleMs / 1000} s`
      return beginExit(current, { exitStatus: 0, leaveCode: LEAVE.noUsers | LEAVE.client, reason }, context)
    }
    case 'listed':
      return announceFiles(task, now)
    case 'progress':
      return announceProgress(task)
    case 'snapshot':
      return takeSnapshots(task, now)
    case 'tokenExpiry': {
      const reason = 'the RTC token has expired'
      return failWith(task, { exitStatus: 1, leaveCode: LEAVE.client, reason }, TOKEN_EXPIRED, context)
    }
    case 'exit':
      return finishExit(current, now)
    case 'takeOver':
      return resumeElsewhere(task, context)
    case 'formerEnd':
      return endFormerSession(current, fileListOf(task, now))
  }
}

const handleStop = (
  task: ChannelTask,
  code: Extract<ChannelInput, { type: 'stopRequested' }>['code'],
  context: StepContext,
): ChannelStep => {
  if (code !== 0) {
    const reason = 'stopped by command, as if the recorder had failed'
    return failWith(task, { exitStatus: 1, leaveCode: null, reason }, RECORDER_FAILED, context)
  }
  const exit: ChannelExit = {
    exitStatus: 0,
    leaveCode: LEAVE.signal | LEAVE.client,
    reason: 'stopped by the user',
  }
  return beginExit(unchanged(task), exit, context)
}

const handleInput = (task: ChannelTask, input: ChannelInput, context: StepContext): ChannelStep => {
  const { now } = context
  const current = unchanged(task)
  switch (input.type) {
    case 'started':
      return start(task, context)
    case 'timerFired':
      return handleTimer(task, input.timer, context)
    case 'usersChanged':
      return changeUsers(task, input.users, now)
    case 'subscriptionRequested':
      return changeSubscription(extend(current, { subscription: input.subscription }), now)
    case 'layoutRequested':
      return log(extend(current, { layout: input.layout }), 'layout changed')
    case 'stopRequested':
      return handleStop(task, input.code, context)
    case 'notFoundRequested':
      return extend(current, { notFoundUntil: input.until })
    case 'failoverRequested':
      return failOver(task, input, now)
    case 'notifyRequested':
      return notifyFrom(current, input.notification)
    case 'uploadsChanged':
      return changeUploads<ChannelTask, never>(task, input.uploads) ?? current
  }
}

const applies = ({ state }: ChannelTask, input: ChannelInput): boolean => {
  if (isRunning({ state }) || input.type === 'notifyRequested') return true
  if (state === 'ended') return false
  return input.type === 'notFoundRequested' || (input.type === 'timerFired' && input.timer === 'exit')
}

/**
 * Applies an input to a task that records a channel. Pure, and the only place where such a task changes. An input that
 * comes too late, such as a user who joins after the stop, changes nothing.
 */
export const channelStep = (task: ChannelTask, input: ChannelInput, context: StepContext): ChannelStep =>
  applies(task, input) ? handleInput(task, input, context) : unchanged(task)
