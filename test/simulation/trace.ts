import type { Request } from './agora.ts'
import type { Breach } from './runScenario.ts'
import type { Scenario } from './scenario.ts'
import type { Witness, World } from './world.ts'

/** Writes down what happens, line by line, as a person wants to read it. */
export const createTrace = (): { lines: string[]; witness: (world: World) => Partial<Witness> } => {
  const lines: string[] = []
  const witness = ({ time }: World): Partial<Witness> => {
    const begin = time.now()
    const say = (text: string): void => {
      lines.push(`${clockOf(time.now() - begin)} ${text}`)
    }
    return {
      onFault: (what) => say(`!! ${what}`),
      onCommand: (id, command) => say(`${id} == ${command} was asked for`),
      onTask: ({ cname, attempt, sid }, what) =>
        say(`${cname}    Agora: ${sid} of attempt ${attempt} ${what}`),
      onNotice: ({ cname, sid }, { eventType, ...details }) =>
        say(`${cname}    Agora: event ${eventType} of ${sid} ${inWords(details)}`),
      onNoticeHeard: ({ cname, eventType, sid, noticeId }) =>
        say(`${cname}    heard: event ${eventType} of ${sid} (${noticeId})`),
      onSilent: ({ task: { cname, sid } }) => say(`${cname}    the page of ${sid} is silent`),
      onSend: (call, request) => say(`${request.cname ?? '  '} -> ${call} ${nameOf(request)}`),
      onAnswer: (call, request, answer) =>
        say(`${request.cname ?? '  '} <- ${call} ${nameOf(request)} ${inWords(answer)}`),
      onCommit: ({ signal, before, after, timeline }) => {
        const { type, ...rest } = signal
        const state = before.state === after.state ? after.state : `${before.state} => ${after.state}`
        say(`${after.id} ${type} ${inWords(rest)} [${state}]`)
        for (const { code, message } of timeline) say(`${after.id}      ${code}: ${message}`)
      },
    }
  }
  return { lines, witness }
}

/** What was going to happen, what did, and what must not have. */
export const describeFailure = (
  scenario: Scenario,
  lines: readonly string[],
  breach: Breach | null,
): string =>
  [
    ...scenario.recordings.map((wish) => `wish: ${JSON.stringify(wish)}`),
    ...scenario.faults.map(({ at, ...fault }) => `${clockOf(at)} fault: ${JSON.stringify(fault)}`),
    ...lines,
    ...(breach ? [describeBreach(breach)] : []),
  ].join('\n')

export const describeBreach = ({ invariant, at, text }: Breach): string =>
  `${clockOf(at)} ${invariant}: ${text}`

const clockOf = (ms: number): string => {
  const minutes = String(Math.floor(ms / 60_000)).padStart(3)
  return `${minutes}:${((ms % 60_000) / 1000).toFixed(3).padStart(6, '0')}`
}

const nameOf = ({ attempt, uid, sid, resourceId }: Request): string =>
  [attempt === undefined ? '' : `a${attempt}`, uid, resourceId, sid].filter(Boolean).join(' ')

const inWords = (details: object): string => {
  const known = Object.entries(details).filter(([, value]) => value !== undefined && value !== null)
  return known.length === 0 ? '' : JSON.stringify(Object.fromEntries(known))
}
