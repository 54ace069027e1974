import { extend, log, notify, notifyFrom, type Step } from './stepBuilder.ts'
import type { Failover, TaskFacts } from './task.ts'

/** The server that records fails: nothing answers for the task until another one takes over. */
export const beginFailover = <T extends TaskFacts, Action>(
  step: Step<T, Action>,
  { delayMs, failover, now }: { delayMs: number; failover: Failover; now: number },
): Step<T, Action> => {
  const { session } = step.task
  const failing = extend(
    step,
    { session: { ...session, next: failover }, notFoundUntil: now + delayMs } as Partial<T>,
    { type: 'cancelTimers' },
    { type: 'startTimer', timer: 'takeOver', delayMs },
  )
  return log(failing, `the server fails; another one takes over in ${delayMs / 1000} s`)
}

/**
 * Another server takes over under `newUid`, which the former session announces with event 12
 * (https://docs.agora.io/en/cloud-recording/best-practices/integration-best-practices).
 *
 * @param exitDelayMs until the former session ends, if it does
 */
export const takeOver = <T extends TaskFacts, Action>(
  step: Step<T, Action>,
  exitDelayMs: number,
): Step<T, Action> => {
  const { session } = step.task
  if (session.next === null) return step
  const { newUid, former } = session.next
  const announced = notify(step, 12, { newUid })
  const next = {
    uid: newUid,
    former: { uid: session.uid, reports: former },
    failovers: session.failovers + 1,
    next: null,
  }
  const taken = extend(announced, { session: next } as Partial<T>)
  const logged = log(taken, `another server has taken over with the uid ${newUid}`)
  if (former !== 'ends') return logged
  return extend(logged, {}, { type: 'startTimer', timer: 'formerEnd', delayMs: exitDelayMs })
}

/**
 * The session of the server that failed ends: it says so under its own uid, while the task goes on. Nothing if it does not
 * end, or has ended.
 */
export const endFormerSession = <T extends TaskFacts, Action>(
  step: Step<T, Action>,
  uploaded: Record<string, unknown> = {},
): Step<T, Action> => {
  const { session } = step.task
  if (session.former?.reports !== 'ends') return step
  const { uid } = session.former
  const from = { uid, redundant: false }
  const ended = extend(step, { session: { ...session, former: { uid, reports: 'silent' } } } as Partial<T>)
  const after = notifyFrom(ended, { event: 31, details: { status: 0, ...uploaded }, ...from })
  return notifyFrom(after, { event: 11, details: { exitStatus: 0 }, ...from })
}
