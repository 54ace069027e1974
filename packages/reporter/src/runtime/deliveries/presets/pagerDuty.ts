import type { AlertMessage } from './alertMessage.ts'

/** PagerDuty's Events API v2. */
export interface PagerDutyBody {
  routing_key: string
  event_action: 'trigger' | 'resolve'
  dedup_key: string
  payload?: {
    summary: string
    source: string
    severity: AlertMessage['severity']
    timestamp: string
    class: string
    custom_details: { text: string }
  }
}

/** PagerDuty's limits, in characters. */
const MAX_SUMMARY = 1024
const MAX_KEY = 255

/** One incident for each cause; the end of the cause resolves it. */
export const pagerDutyBody = (
  { action, cause, source, title, text, severity, time, type }: AlertMessage,
  routingKey: string,
): PagerDutyBody => {
  const key = { routing_key: routingKey, dedup_key: `stillrolling/${cause}`.slice(0, MAX_KEY) }
  if (action === 'clear') return { ...key, event_action: 'resolve' }
  return {
    ...key,
    event_action: 'trigger',
    payload: {
      summary: `${title}: ${text}`.slice(0, MAX_SUMMARY),
      ...{ source, severity, timestamp: time, class: type },
      custom_details: { text },
    },
  }
}
