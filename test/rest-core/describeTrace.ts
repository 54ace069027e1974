import type { Caller } from './callers.ts'
import type { Sent } from './faultyNetwork.ts'
import type { RunRecord } from './runSchedule.ts'
import type { Schedule } from './schedule.ts'

interface Line {
  at: number
  text: string
}

/** Describes a run line by line in the order of time: requests, answers, and the callers' results. */
export const describeTrace = (schedule: Schedule, observed: RunRecord): string => {
  const { sent, callers, stopped, afterFaults } = observed
  const short = shortNames([
    ...sent.flatMap(({ acquired, resourceId }) => [acquired, resourceId]),
    ...afterFaults.flatMap(({ resourceId }) => [resourceId]),
  ])
  const sids = shortNames(afterFaults.map(({ sid }) => sid))
  const lines: Line[] = [
    ...sent.map((each, index) => ({ at: each.at, text: `#${index + 1} ${requestOf(each, short)}` })),
    ...sent.map((each, index) => ({
      at: each.endedAt ?? each.at,
      text: `   #${index + 1} → ${answerOf(each, short)}`,
    })),
    ...afterFaults.map(({ startedAt, cname, uid, sid, resourceId }) => ({
      at: Date.parse(startedAt),
      text: `   task s${sids(sid)} of ${cname}/${uid} runs, with r${short(resourceId)}`,
    })),
    ...callers.map(({ at, cname, uid, results }) => ({
      at,
      text: `== ${cname}/${uid} got: ${results.map((result) => resultOf(result, short)).join(', then ')}`,
    })),
    ...stopped.map(({ at, sid, result, stillRuns }) => ({
      at,
      text: `== stop of s${sids(sid)}: ${result.outcome}${stillRuns ? ', but it still runs' : ''}`,
    })),
  ]
  const start = Math.min(...lines.map(({ at }) => at))
  const timeline = lines
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, text }) => `${((at - start) / 1000).toFixed(3).padStart(9)} ${text}`)
  return [...describeSchedule(schedule), ...timeline].join('\n')
}

const describeSchedule = ({ latencyMs, plans, faults, failover }: Schedule): string[] => [
  `latency ${latencyMs} ms`,
  ...plans.map((plan, index) => `plan ${index}: ${JSON.stringify(plan)}`),
  ...faults.map((fault) => `fault: ${JSON.stringify(fault)}`),
  ...(failover ? [`failover: ${JSON.stringify(failover)}`] : []),
]

const requestOf = ({ call, host, cname, uid, resourceId }: Sent, short: (id: string) => number): string => {
  const who = cname === null ? '' : ` ${cname}/${uid}`
  const what = resourceId === null ? '' : ` r${short(resourceId)}`
  return `${call}${who}${what} (${host})`
}

const answerOf = ({ status, code, lost, acquired }: Sent, short: (id: string) => number): string => {
  if (lost !== undefined) return `lost: ${lost}`
  const given = acquired === undefined ? '' : `, r${short(acquired)}`
  return `${status}${code === undefined ? '' : `/${code}`}${given}`
}

const resultOf = (result: Caller['results'][number], short: (id: string) => number): string => {
  switch (result.outcome) {
    case 'started':
      return `started with r${short(result.resourceId)}`
    case 'running':
    case 'unknown':
      return `${result.outcome} with ${result.resourceIds.map((id) => `r${short(id)}`).join(' or ')}`
    case 'notStarted':
      return `notStarted (${result.error.name})`
    case 'crashed':
      return 'crashed'
  }
}

/** Ids are long and random; a trace numbers them in the order of their first appearance. */
const shortNames = (ids: readonly (string | null | undefined)[]): ((id: string) => number) => {
  const known = [...new Set(ids.filter((id) => id !== null && id !== undefined))]
  return (id) => known.indexOf(id) + 1
}
