import { isDeepStrictEqual } from 'node:util'
import { liveAttempt, type Recording } from '../../packages/reporter/src/supervisor/recording.ts'
import { deaf } from './invariants/deaf.ts'
import { limits } from './invariants/limits.ts'
import { prompt } from './invariants/prompt.ts'
import { settled } from './invariants/settled.ts'
import { told } from './invariants/told.ts'
import type { Commit } from './process.ts'
import { isWellAndHeard, type Truth, taskOf } from './truth.ts'
import type { Witness } from './world.ts'

/** Looks at what happens, and says when it must not. */
export type Invariant = (truth: Truth) => Partial<Witness> & { atEnd?(): void }

export type InvariantName =
  | 'oneCurrent'
  | 'oneStart'
  | 'asked'
  | 'settled'
  | 'healthy'
  | 'deaf'
  | 'limits'
  | 'quota'
  | 'superseded'
  | 'repeated'
  | 'told'
  | 'prompt'

/** At most one attempt counts, and it is the newest. */
const oneCurrent: Invariant = ({ breach }) => ({
  onCommit: ({ after: { id, attempts } }) => {
    const counting = attempts.filter(({ state }) => state === 'starting' || state === 'current')
    if (counting.length > 1 || (counting[0] && counting[0] !== attempts.at(-1))) {
      breach(`${id}: attempts ${counting.map(({ number }) => number).join(', ')} count`)
    }
  },
})

/**
 * A uid belongs to one attempt; a start is never under way twice; and no other resource is tried for an attempt whose
 * sid is stored.
 */
const oneStart: Invariant = (truth) => {
  const owners = new Map<string, number>()
  const underWay = new Map<string, string>()
  return {
    onSend: (call, { cname = '', uid, attempt = 0, resourceId = '' }) => {
      if (call !== 'start') return
      const name = `${cname}/${uid}`
      const owner = owners.get(name) ?? attempt
      owners.set(name, owner)
      if (owner !== attempt) truth.breach(`${name} is used by the attempts ${owner} and ${attempt}`)
      const other = underWay.get(name)
      if (other !== undefined)
        truth.breach(`${name} is started with ${resourceId} while ${other} is under way`)
      underWay.set(name, resourceId)
      const known = truth.world.memory.tables.recordings.get(cname)?.recording.attempts[attempt - 1]
      const task = taskOf(truth, cname, attempt)
      if (known && known.sid !== null && task && task.resourceId !== resourceId) {
        truth.breach(`${name} runs as ${known.sid}, and is started again with ${resourceId}`)
      }
    },
    onAnswer: (call, { cname, uid }) => {
      if (call === 'start') underWay.delete(`${cname}/${uid}`)
    },
    // Nobody waits for the answers of a process that is gone.
    onFault: (what) => {
      if (what === 'the reporter has died') underWay.clear()
    },
  }
}

/** No attempt is left for its page's silence before Agora has said, since then, that the task lives. */
const asked: Invariant = (truth) => {
  const living = new Map<string, number>()
  return {
    onAnswer: (call, { sid = '' }, { status, state }) => {
      if (call === 'query' && status === 200 && (state === 4 || state === 5))
        living.set(sid, truth.world.time.now())
    },
    onCommit: ({ at, before, after }) => {
      const live = liveAttempt(before)
      const { sid = null, endReason } = (live && after.attempts[live.number - 1]) ?? {}
      if (live?.endReason || sid === null || endReason?.code !== 'page_silent') return
      const since = at - (living.get(sid) ?? 0)
      if (since > ANSWER_MS) truth.breach(`${after.id}: ${sid} is left for its silence, Agora was not asked`)
    },
  }
}

/** How old Agora's answer may be when it is acted on, in milliseconds: it is weighed when it comes. */
const ANSWER_MS = 1000

/**
 * A recording whose page is well and heard is never restarted, unless somebody asks for it, or Agora has denied it for
 * as long as the longest failover lasts: two in a row look like that.
 */
const healthy: Invariant = (truth) => {
  const deniedSince = new Map<string, number>()
  return {
    onAnswer: (call, { sid = '' }, { status }) => {
      if (call !== 'query') return
      if (status === 200) deniedSince.delete(sid)
      else if (status === 404 && !deniedSince.has(sid)) deniedSince.set(sid, truth.world.time.now())
    },
    onCommit: ({ at, before, after, signal }) => {
      const attempt = liveAttempt(before)
      if (!attempt || attempt.sid === null || signal.type === 'stop' || signal.type === 'restart') return
      if (liveAttempt(after)?.number === attempt.number) return
      const task = taskOf(truth, before.id, attempt.number)
      const page = task?.sid === attempt.sid ? truth.world.pages.of(task) : undefined
      if (!page || !isWellAndHeard(truth, page, before.policy)) return
      const why = after.attempts[attempt.number - 1]?.endReason
      const isDenied = at - (deniedSince.get(attempt.sid) ?? at) >= before.policy.failoverWindow * 1000
      if (why?.code === 'lost_at_agora' && isDenied) return
      truth.breach(
        `${before.id}: attempt ${attempt.number} is well and heard, and was given up: ${why?.message}`,
      )
    },
  }
}

/** In any second no more requests than an App ID has. */
const quota: Invariant = ({ breach }) => ({
  onTooMany: (inOneSecond) => breach(`${inOneSecond} requests within a second`),
})

/** What is said of an attempt that does not count changes nothing of the one that does. */
const superseded: Invariant = ({ breach }) => ({
  onCommit: ({ before, after, signal }) => {
    if (!('attempt' in signal)) return
    const live = liveAttempt(before)
    if (!live || live.number === signal.attempt) return
    if (isDeepStrictEqual(counting(before), counting(after))) return
    breach(`${before.id}: ${signal.type} of attempt ${signal.attempt} changed attempt ${live.number}`)
  },
})

const counting = ({
  desired,
  state,
  deadlines,
  failures,
  neverLoaded,
  gaveUp,
  attempts,
}: Recording): unknown => {
  const { stopBy, ...others } = deadlines
  return { desired, state, others, failures, neverLoaded, gaveUp, live: attempts.at(-1) }
}

/** The same report, answer or notification again changes nothing. */
const repeated: Invariant = ({ breach, kit }) => ({
  onCommit: ({ at, after, signal, timeline: lines }) => {
    // Whose the other sid is, nobody knows; each time that it is named is a line.
    if (!isRepeatable(signal) || lines.some(({ code }) => code === 'attempt.sid_conflict')) return
    const { recording, effects, timeline } = kit.decide(after, signal, { now: at, random: 0.5 })
    if (effects.length === 0 && timeline.length === 0 && isDeepStrictEqual(recording, after)) return
    const what = [...effects.map(({ kind }) => kind), ...timeline.map(({ code }) => code)].join(', ')
    breach(`${after.id}: ${signal.type} again leads to ${what || 'another state'}`)
  },
})

const isRepeatable = (signal: Commit['signal']): boolean => {
  if (signal.type === 'notification') return [70, 71, 72].includes(signal.notification.eventType)
  return signal.type === 'report' ? signal.report.type !== 'bye' : ['started', 'stop'].includes(signal.type)
}

/** In the order of the issue that they come from: what must hold in every seed, whatever goes wrong. */
export const INVARIANTS: Readonly<Record<InvariantName, Invariant>> = {
  oneCurrent,
  oneStart,
  asked,
  settled,
  healthy,
  deaf,
  limits,
  quota,
  superseded,
  repeated,
  told,
  prompt,
}
