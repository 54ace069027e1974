import type { Sent } from './faultyNetwork.ts'
import { findTask } from './findTask.ts'
import { isRunning } from './kit.ts'
import type { RunRecord } from './runSchedule.ts'

/** Something that must hold in every schedule. Returns a description of each breach. */
export type Invariant = (observed: RunRecord) => string[]

export type InvariantName = 'quota' | 'ownResource' | 'pair' | 'finalAnswers' | 'known' | 'stopped' | 'once'

export const INVARIANTS: Readonly<Record<InvariantName, Invariant>> = {
  /** No more tries in any second than the account's quota. */
  quota: ({ sent, quota }) =>
    sent.flatMap(({ at }, index) => {
      const before = sent[index - quota]
      const tooMany = before !== undefined && at - before.at < 1000
      return tooMany ? [`${quota + 1} tries within ${at - before.at} ms, the last of them #${index + 1}`] : []
    }),

  /** No start with a resource that is unknown, another recording's, or older than 5 minutes. */
  ownResource: ({ sent }) =>
    sent.flatMap((start, index) => {
      if (start.call !== 'start') return []
      const acquire = sent.find(({ acquired }) => acquired !== undefined && acquired === start.resourceId)
      if (acquire === undefined) return [`#${index + 1} starts with a resource that was not acquired`]
      if (acquire.cname !== start.cname || acquire.uid !== start.uid)
        return [`#${index + 1} starts with the resource of ${acquire.cname}/${acquire.uid}`]
      const age = start.at - (acquire.servedAt ?? acquire.at)
      return age < RESOURCE_LIFE_MS ? [] : [`#${index + 1} starts with a resource that is ${age} ms old`]
    }),

  /** The first start with a resource is sent within 2 s of acquire's answer, in the same run of the recipe. */
  pair: ({ sent }) =>
    sent.flatMap(({ acquired, operation, endedAt = 0 }) => {
      const first = sent.findIndex((each) => each.call === 'start' && each.resourceId === acquired)
      const start = sent[first]
      if (acquired === undefined || start?.operation !== operation) return []
      const waited = start.at - endedAt
      return waited <= PAIR_MS ? [] : [`#${first + 1} starts ${waited} ms after its acquire was answered`]
    }),

  /**
   * An operation does not retry a request that Agora answered with 40x, except for 406 and 429, which are temporary, and
   * 404 to query, update and stop, which may be a failover. An answer of a proxy is not Agora's.
   */
  finalAnswers: ({ sent }) => {
    const finals = new Map<string, number>()
    return sent.flatMap((each, index) => {
      const key = `${each.operation} ${each.content}`
      const final = finals.get(key)
      if (isFinal(each)) finals.set(key, index)
      const known = final !== undefined && (sent[final]?.endedAt ?? each.at) <= each.at
      return known ? [`#${index + 1} repeats #${final + 1}, which was answered ${sent[final]?.status}`] : []
    })
  },

  /** After the faults, the caller of every running task knows it, or can find it by its results. */
  known: ({ callers, afterFaults }) =>
    afterFaults.flatMap((task) => {
      if (!isRunning(task) || callers.some((each) => findTask(each, task) !== null)) return []
      const own = callers.filter(({ cname, uid }) => cname === task.cname && uid === task.uid)
      return [
        `${task.cname}/${task.uid} runs, but its callers got: ${own.map(({ results }) => results.at(-1)?.outcome)}`,
      ]
    }),

  /** A task whose stop was confirmed does not run, and without faults every stop is confirmed. */
  stopped: ({ stopped, atEnd }) => [
    ...stopped.flatMap(({ cname, uid, result, stillRuns, duringFaults }) => {
      if (result.outcome === 'stopped')
        return stillRuns ? [`${cname}/${uid} was reported as stopped but runs`] : []
      return duringFaults ? [] : [`${cname}/${uid} could not be stopped although there was no fault`]
    }),
    ...atEnd
      .filter(
        (task) =>
          isRunning(task) && stopped.some(({ sid, duringFaults }) => sid === task.sid && !duringFaults),
      )
      .map(({ cname, uid }) => `${cname}/${uid} runs after the last stop`),
  ],

  /** Nothing is recorded twice under one cname and uid, neither concurrently nor after its stop. */
  once: ({ atEnd }) => {
    const seen = new Set<string>()
    return atEnd.flatMap(({ cname, uid }) => {
      const name = `${cname}/${uid}`
      const again = seen.has(name)
      seen.add(name)
      return again ? [`${name} was recorded again`] : []
    })
  },
}

/** Every breach, preceded by the name of the invariant. */
export const findBreaches = (observed: RunRecord): string[] =>
  Object.entries(INVARIANTS).flatMap(([name, find]) => find(observed).map((breach) => `${name}: ${breach}`))

const RESOURCE_LIFE_MS = 300_000
const PAIR_MS = 2000

const isFinal = ({ call, status = 0, code, foreign }: Sent): boolean => {
  if (foreign || status < 400 || status > 499 || status === 429 || code === 406) return false
  return status !== 404 || call === 'acquire' || call === 'start'
}
