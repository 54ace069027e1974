import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { beginsAt } from '../../../packages/reporter/src/supervisor/schedule.ts'
import { isRunning, type Task } from '../environment/task.ts'
import { type Invariant, isFaultFreeSince } from './context.ts'

/** How often the channels are looked at, in milliseconds. */
const CHECK_MS = 20_000
/** An earlier fault may have postponed deadlines, but not by more than this, in milliseconds. */
const AFTERMATH_MS = 180_000
/** Queries until an end without a notification is believed, a start and its confirmation, in seconds. */
const CERTAINTY = 60

/**
 * While users are in a channel and no fault prevents it, the channel is recorded. A gap is no longer than it takes to notice
 * that the task has ended (`queryInterval`), to be sure, and to start the next one after the policy's delay.
 */
export const channelRecorded: Invariant = (context) => {
  const { world, breach } = context
  /** By channel: when the reporter last learnt that a user has joined. */
  const joinedAt = new Map<string, number>()
  /** By recording: since when it is waiting for that. */
  const waitingSince = new Map<string, number>()

  const check = (recording: Recording): void => {
    const { id, cname, desired, gaveUp } = recording
    if (recording.kind !== 'channel' || desired === 'stopped' || gaveUp) return
    const busySince = world.channels.busySince(cname)
    const since = world.time.now() - boundMs(recording)
    if (busySince === null || busySince > since || !isFaultFreeSince(context, since - AFTERMATH_MS)) return
    if (recording.awaitsStart) return
    const begunAt = Math.max(recording.createdAt, beginsAt(recording.schedule) ?? 0)
    if (begunAt - world.time.wallNow() + world.time.now() > since) return
    // It waits, and the event that a user has joined was lost.
    if (recording.waitingSince !== null && (joinedAt.get(cname) ?? 0) <= (waitingSince.get(id) ?? 0)) return
    const tasks = world.agora.tasks.filter((task) => task.recordingId === id)
    if (tasks.some((task) => wasRunningAfter(task, since))) return
    breach(`${id}: users are in ${cname} since ${world.time.now() - busySince} ms, and nothing is recorded`)
  }
  const checkAll = (): void => {
    for (const { recording } of world.memory.tables.recordings.values()) check(recording)
    world.time.after(CHECK_MS, checkAll)
  }
  if (world.channels.names.length > 0) world.time.after(CHECK_MS, checkAll)
  return {
    onCommit: ({ at, before, after }) => {
      if (before.waitingSince === null && after.waitingSince !== null) waitingSince.set(after.id, at)
    },
    onJoinedAccepted: ({ channel, uid }) => {
      if (world.channels.isUser(uid)) joinedAt.set(channel, world.time.now())
    },
  }
}

const wasRunningAfter = (task: Task, since: number): boolean =>
  isRunning(task) || (task.ended?.at ?? 0) > since

/** For how long users may be unrecorded, in milliseconds. */
const boundMs = ({ policy, slowRetries }: Recording): number => {
  const { delays, slowDelays, jitter } = policy.restart
  const longestDelay = Math.max(...(slowRetries > 0 ? slowDelays : delays)) * (1 + jitter)
  // With `wait` and `end`, a task that Agora does not find may fail over.
  const certainty = policy.onIdleExit === 'restart' ? CERTAINTY : CERTAINTY + policy.failoverWindow
  return (policy.queryInterval + policy.confirmTimeout + longestDelay + certainty) * 1000
}
