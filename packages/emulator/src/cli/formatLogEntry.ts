import type { CallView, EmulatorLogEntry, FaultView } from '../types.ts'

export type Paint = (colour: 'dim' | 'red' | 'green' | 'yellow', text: string) => string

/** Enough of a sid to tell tasks apart. */
const SHORT = 8

const time = (at: number): string => new Date(at).toTimeString().slice(0, 8)

const whom = (cname: string | null, uid: string | null, sid: string | null): string =>
  [cname && uid ? `${cname}/${uid}` : cname, sid?.slice(0, SHORT)].filter(Boolean).join(' ')

const reasonOf = (answer: unknown): string => {
  if (typeof answer === 'string') return answer.slice(0, 80)
  if (typeof answer !== 'object' || answer === null) return ''
  const fields = new Map(Object.entries(answer))
  return [fields.get('code'), fields.get('reason') ?? fields.get('message')].filter(Boolean).join(' ')
}

const callLine = (call: CallView, paint: Paint): string => {
  const name = call.call ?? `${call.method} ${call.path}`
  const fault = call.fault === null ? '' : paint('yellow', ` (${call.fault})`)
  const subject = [name, whom(call.cname, call.uid, call.sid)].filter(Boolean).join(' ')
  if (call.status === null) return `${subject} ${paint('yellow', 'answer lost')}${fault}`
  const fine = call.status === 200
  const outcome = paint(
    fine ? 'green' : 'red',
    fine ? '200' : `${call.status} ${reasonOf(call.answer)}`.trim(),
  )
  return `${subject} ${outcome}${fault}`
}

const faultLine = (fault: FaultView): string => {
  const what = fault.on === 'call' ? fault.call : `notification ${fault.event ?? 'of any event'}`
  return `${fault.id}: ${what} ${JSON.stringify(fault.then)}`
}

const OUTCOMES: Record<
  Extract<EmulatorLogEntry, { type: 'notification' }>['outcome'],
  'green' | 'yellow' | 'red' | 'dim'
> = {
  delivered: 'green',
  failed: 'red',
  givenUp: 'red',
  noReceiver: 'dim',
  dropped: 'yellow',
  delayed: 'yellow',
  doubled: 'yellow',
  reordered: 'yellow',
}

/** One readable line about what happened. */
export const formatLogEntry = (event: EmulatorLogEntry, paint: Paint): string => {
  const line = (kind: string, text: string) => `${paint('dim', time(event.at))} ${kind.padEnd(7)} ${text}`
  switch (event.type) {
    case 'call':
      return line('call', callLine(event.call, paint))
    case 'task':
      return line('task', `${whom(event.cname, event.uid, event.sid)} ${event.what}`)
    case 'notification': {
      const outcome = paint(OUTCOMES[event.outcome], event.outcome)
      const detail = event.detail === undefined ? '' : `: ${event.detail}`
      return line('notify', `${event.event} ${whom(event.cname, null, event.sid)} ${outcome}${detail}`)
    }
    case 'fault':
      return line('fault', `${event.what} ${faultLine(event.fault)}`)
    case 'browser':
      return line('browser', event.what)
  }
}

const CODES = { dim: 2, red: 31, green: 32, yellow: 33 }

export const inColour: Paint = (colour, text) => `\u001b[${CODES[colour]}m${text}\u001b[0m`
export const withoutColour: Paint = (_, text) => text
