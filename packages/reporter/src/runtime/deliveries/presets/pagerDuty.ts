import type { AlertMessage } from './alertMessage.ts'

/** PagerDuty's Events API v2. */
export interface PagerDutyBody {
  routing_key: string
  event_action: 'trigger' | 'resolve'
  dedup_key: string
  payload?: {
    summary: string
    source: string
    component: string
    severity: AlertMessage['severity']
    timestamp: string
    class: string
    custom_details: { text: string }
  }
}

/** PagerDuty's limit, in characters. */
const MAX_SUMMARY = 1024
/** PagerDuty's limit for a key is 255, and a cause has up to 80. */
const MAX_INSTALLATION = 150

/** One incident for each cause of an installation; the end of the cause resolves it. */
export const pagerDutyBody = (
  { action, cause, installation, about, title, text, severity, time, type }: AlertMessage,
  routingKey: string,
): PagerDutyBody => {
  const key = {
    routing_key: routingKey,
    dedup_key: `stillrolling/${installation.slice(0, MAX_INSTALLATION)}/${cause}`,
  }
  if (action === 'clear') return { ...key, event_action: 'resolve' }
  return {
    ...key,
    event_action: 'trigger',
    payload: {
      summary: `${title}: ${text}`.slice(0, MAX_SUMMARY),
      ...{ source: installation, component: about, severity, timestamp: time, class: type },
      custom_details: { text },
    },
  }
}
