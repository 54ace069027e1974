import type { CallView, EmulatorLogEntry, FaultView } from '../types.ts'

type Colour = 'dim' | 'red' | 'green' | 'yellow'

/** Applies a colour to a text. */
export type Paint = (colour: Colour, text: string) => string

/** Enough characters of a sid to distinguish tasks. */
const SID_LENGTH = 8

const timeOfDay = (at: number): string => new Date(at).toTimeString().slice(0, 8)

interface LogSubject {
  cname: string | null
  uid?: string | null
  sid: string | null
}

const formatSubject = ({ cname, uid, sid }: LogSubject): string =>
  [cname && uid ? `${cname}/${uid}` : cname, sid?.slice(0, SID_LENGTH)].filter(Boolean).join(' ')

const reasonOf = (answer: unknown): string => {
  if (typeof answer === 'string') return answer.slice(0, 80)
  if (typeof answer !== 'object' || answer === null) return ''
  const fields = new Map(Object.entries(answer))
  return [fields.get('code'), fields.get('reason') ?? fields.get('message')].filter(Boolean).join(' ')
}

const formatCall = (call: CallView, paint: Paint): string => {
  const name = call.call ?? `${call.method} ${call.path}`
  const fault = call.fault === null ? '' : paint('yellow', ` (${call.fault})`)
  const subject = [name, formatSubject(call)].filter(Boolean).join(' ')
  if (call.status === null) return `${subject} ${paint('yellow', 'answer lost')}${fault}`
  const succeeded = call.status === 200
  const answer = paint(
    succeeded ? 'green' : 'red',
    succeeded ? '200' : `${call.status} ${reasonOf(call.answer)}`.trim(),
  )
  const detail = call.detail === null ? '' : `: ${call.detail}`
  return `${subject} ${answer}${detail}${fault}`
}

const formatFault = (fault: FaultView): string => {
  const target = fault.on === 'call' ? fault.call : `notification ${fault.event ?? 'of any event'}`
  return `${fault.id}: ${target} ${JSON.stringify(fault.then)}`
}

type NotificationEntry = Extract<EmulatorLogEntry, { type: 'notification' }>

const OUTCOMES: Record<NotificationEntry['outcome'], { colour: Colour; text: string }> = {
  delivered: { colour: 'green', text: 'delivered' },
  failed: { colour: 'red', text: 'failed' },
  givenUp: { colour: 'red', text: 'gave up' },
  noReceiver: { colour: 'dim', text: 'not sent, no --notify-url' },
  dropped: { colour: 'yellow', text: 'dropped' },
  delayed: { colour: 'yellow', text: 'delayed' },
  doubled: { colour: 'yellow', text: 'doubled' },
  reordered: { colour: 'yellow', text: 'reordered' },
}

const formatNotification = (entry: NotificationEntry, paint: Paint): string => {
  const { colour, text } = OUTCOMES[entry.outcome]
  const detail = entry.detail === undefined ? '' : `: ${entry.detail}`
  const subject = formatSubject({ cname: entry.cname, sid: entry.sid })
  return `${entry.event} ${subject} ${paint(colour, text)}${detail}`
}

/** Formats a log entry as one line. */
export const formatLogEntry = (entry: EmulatorLogEntry, paint: Paint): string => {
  const line = (kind: string, text: string) =>
    `${paint('dim', timeOfDay(entry.at))} ${kind.padEnd(7)} ${text}`
  switch (entry.type) {
    case 'call':
      return line('call', formatCall(entry.call, paint))
    case 'task':
      return line('task', `${formatSubject(entry)} ${entry.message}`)
    case 'notification':
      return line('notify', formatNotification(entry, paint))
    case 'fault':
      return line('fault', `${entry.change} ${formatFault(entry.fault)}`)
    case 'browser':
      return line('browser', entry.message)
  }
}

const ANSI_CODES: Record<Colour, number> = { dim: 2, red: 31, green: 32, yellow: 33 }

export const inColour: Paint = (colour, text) => `\u001b[${ANSI_CODES[colour]}m${text}\u001b[0m`
export const withoutColour: Paint = (_, text) => text
