import { z } from 'zod'

/** A message for people, as all presets for people need it. */
export interface AlertMessage {
  /** The same for the beginning and the end of a cause. */
  cause: string
  action: 'raise' | 'clear' | 'test'
  /** Which of several reporters it is from. */
  installation: string
  /** What it is about: a recording, or the reporter. */
  about: string
  /** One line. */
  title: string
  /** What happened and what to do. */
  text: string
  severity: 'critical' | 'error' | 'warning' | 'info'
  time: string
  type: string
}

const said = z.object({ message: z.string() })

/** Tolerant: a later version may have written the body. */
const storedSchema = z.object({
  type: z.string(),
  time: z.string(),
  alert: z.object({ cause: z.string(), action: z.enum(['raise', 'clear']) }).optional(),
  recording: z.object({ id: z.string(), state: z.string() }).optional(),
  reason: said.nullish(),
  attention: said.optional(),
  destination: z.object({ name: z.string() }).optional(),
})

/**
 * @param body of a delivery, as it is stored
 * @param installation the name of this reporter
 * @returns undefined if it is no message for people: it was written while the destination had the preset `standard`
 */
export const alertMessage = (body: string, installation: string): AlertMessage | undefined => {
  const stored = storedSchema.parse(JSON.parse(body))
  const { type, time, alert, recording, reason, attention, destination } = stored
  if (!alert && type !== 'delivery.test') return undefined
  const action = alert?.action ?? 'test'
  const cause = alert?.cause ?? 'test'
  const isShared = !cause.includes('/')
  const about = recording && !isShared ? `recording ${recording.id}` : 'Stillrolling'
  const text = attention?.message ?? reason?.message ?? describe(type, destination?.name)
  return {
    ...{ cause, action, installation, about, text, time, type },
    title: titleOf(action, cause, recording?.id, destination?.name),
    severity: severityOf(action, type),
  }
}

const describe = (type: string, destination = ''): string =>
  type === 'delivery.test'
    ? 'This is a test. Nothing is wrong.'
    : destination === ''
      ? 'Nothing has to be done any more.'
      : `Destination ${destination} accepts deliveries again.`

const titleOf = (action: AlertMessage['action'], cause: string, id = '', destination = ''): string => {
  if (action === 'test') return 'Test of Stillrolling'
  const [name = ''] = cause.split('/')
  const known = TITLES[name] ?? name.replaceAll('_', ' ')
  const about = cause.includes('/') ? ` (${destination === '' ? id : destination})` : ''
  return action === 'raise' ? `${known}${about}` : `Over: ${known}${about}`
}

const TITLES: Readonly<Record<string, string>> = {
  failed: 'Recording failed',
  gave_up: 'Recording makes no further attempt',
  ingress_outage: 'Reports of most pages do not arrive',
  destination: 'Deliveries are given up',
  no_files: 'Recording has no files',
  upload_failing: 'Files do not reach the bucket',
  change_refused: 'Agora refuses a change',
  agora_refuses_account: 'Agora refuses the account',
  agora_unreachable: 'Agora is not reached',
  storage_unavailable: 'A storage profile cannot be used',
  token_unavailable: 'There is no token for a channel',
}

const severityOf = (action: AlertMessage['action'], type: string): AlertMessage['severity'] => {
  if (action !== 'raise') return 'info'
  if (type === 'recording.failed' || type === 'recording.unhealthy') return 'critical'
  return type === 'recording.attention_raised' ? 'warning' : 'error'
}
