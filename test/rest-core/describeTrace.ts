import type { Sent } from './faultyNetwork.ts'
import type { Observation, Told } from './runSchedule.ts'
import type { Schedule } from './schedule.ts'

interface Line {
  at: number
  text: string
}

/** A run, line by line in the order of time: what was sent, what came back, what the callers were told. */
export const describeTrace = (schedule: Schedule, observed: Observation): string => {
  const { sent, told, stopped, afterFaults } = observed
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
    ...told.map(({ at, cname, uid, results }) => ({
      at,
      text: `== ${cname}/${uid} was told: ${results.map((result) => resultOf(result, short)).join(', then ')}`,
    })),
    ...stopped.map(({ at, sid, result, stillRuns }) => ({
      at,
      text: `== stop of s${sids(sid)}: ${result.outcome}${stillRuns ? ', and it runs' : ''}`,
    })),
  ]
  const start = Math.min(...lines.map(({ at }) => at))
  const story = lines
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, text }) => `${((at - start) / 1000).toFixed(3).padStart(9)} ${text}`)
  return [...describeSchedule(schedule), ...story].join('\n')
}

const describeSchedule = ({ latencyMs, wishes, faults, failover }: Schedule): string[] => [
  `latency ${latencyMs} ms`,
  ...wishes.map((wish, index) => `wish ${index}: ${JSON.stringify(wish)}`),
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

const resultOf = (result: Told['results'][number], short: (id: string) => number): string => {
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

/** Ids are long and random; in a trace they are numbers, in the order in which they came up. */
const shortNames = (ids: readonly (string | null | undefined)[]): ((id: string) => number) => {
  const known = [...new Set(ids.filter((id) => id !== null && id !== undefined))]
  return (id) => known.indexOf(id) + 1
}
