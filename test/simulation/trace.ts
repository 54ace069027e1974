import type { Request } from './environment/task.ts'
import type { FaultEvent, Observer } from './observer.ts'
import type { Breach } from './runScenario.ts'
import type { FaultKind, Scenario } from './scenario/scenario.ts'
import type { World } from './world.ts'

/**
 * Writes a line for everything that happens in a run: `!!` a fault, `==` a command, `->` and `<-` a request to Agora and its
 * answer. A line with a signal of a recording and its state is followed by the timeline entries of the decision.
 */
export const createTrace = (): { lines: string[]; observer: (world: World) => Partial<Observer> } => {
  const lines: string[] = []
  const observer = ({ time }: World): Partial<Observer> => {
    const begin = time.now()
    const write = (text: string): void => {
      lines.push(`${clockOf(time.now() - begin)} ${text}`)
    }
    return {
      onFault: (event) => write(`!! ${describeFault(event)}`),
      onCommandAccepted: (id, command) => write(`${id} == ${command} requested`),
      onTask: ({ recordingId, attempt, sid }, change) =>
        write(`${recordingId}    Agora: ${sid} of attempt ${attempt} ${change}`),
      onNotification: ({ recordingId, sid }, { eventType, ...details }) =>
        write(`${recordingId}    Agora: event ${eventType} of ${sid} ${toJson(details)}`),
      onNotificationAccepted: ({ recordingId, eventType, sid, noticeId }) =>
        write(`${recordingId}    accepted: event ${eventType} of ${sid} (${noticeId})`),
      onUser: (channel, change) => write(`${channel}    a user has ${change}`),
      onJoinedAccepted: ({ channel, uid }) => write(`${channel}    accepted: ${uid} has joined`),
      onPageSilent: ({ task: { recordingId, sid } }) =>
        write(`${recordingId}    the page of ${sid} is silent`),
      onSend: (call, request) => write(`${request.recordingId ?? '  '} -> ${call} ${idsOf(request)}`),
      onAnswer: (call, request, answer) =>
        write(`${request.recordingId ?? '  '} <- ${call} ${idsOf(request)} ${toJson(answer)}`),
      onCommit: ({ signal, before, after, timeline }) => {
        const { type, ...rest } = signal
        const state = before.state === after.state ? after.state : `${before.state} => ${after.state}`
        write(`${after.id} ${type} ${toJson(rest)} [${state}]`)
        for (const { code, message } of timeline) write(`${after.id}      ${code}: ${message}`)
      },
    }
  }
  return { lines, observer }
}

const FAULT_TEXTS: Record<FaultKind, string> = {
  answer: 'answer of Agora disturbed',
  notification: 'notifications disturbed',
  task: 'task event at Agora',
  crash: 'reporter down',
  suspension: 'reporter suspended',
  ingress: 'ingress outage: neither pages nor Agora reach the reporter',
  egress: 'egress outage: the reporter does not reach Agora',
  store: 'store broken',
  reports: 'reports are lost',
  clockStep: 'the clock of the reporter steps',
  stranger: 'a stranger opens the URL',
  pageServer: 'the server of the pages is down',
}

const describeFault = ({ kind, phase, detail }: FaultEvent): string =>
  [FAULT_TEXTS[kind], detail && ` (${detail})`, phase === 'ended' && ': ended'].filter(Boolean).join('')

/** The scenario, the trace of its run, and the breach if there was one. */
export const describeRun = (
  scenario: Scenario,
  run: { lines: readonly string[]; breach: Breach | null },
): string =>
  [
    ...scenario.recordings.map((spec) => `recording: ${JSON.stringify(spec)}`),
    ...scenario.faults.map(({ at, ...fault }) => `${clockOf(at)} fault: ${JSON.stringify(fault)}`),
    ...run.lines,
    ...(run.breach ? [describeBreach(run.breach)] : []),
  ].join('\n')

export const describeBreach = ({ invariant, at, text }: Breach): string =>
  `${clockOf(at)} ${invariant}: ${text}`

/** Minutes and seconds since the start of the run. */
const clockOf = (ms: number): string => {
  const minutes = String(Math.floor(ms / 60_000)).padStart(3)
  return `${minutes}:${((ms % 60_000) / 1000).toFixed(3).padStart(6, '0')}`
}

const idsOf = ({ attempt, uid, sid, resourceId }: Request): string =>
  [attempt === undefined ? '' : `a${attempt}`, uid, resourceId, sid].filter(Boolean).join(' ')

/** Without absent fields; an empty string if none is left. */
const toJson = (details: object): string => {
  const present = Object.entries(details).filter(([, value]) => value !== undefined && value !== null)
  return present.length === 0 ? '' : JSON.stringify(Object.fromEntries(present))
}
