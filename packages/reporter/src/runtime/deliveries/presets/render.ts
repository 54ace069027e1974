import type { Destination } from '../../../destinations.ts'
import { signatureHeaders } from '../../../signatureHeaders.ts'
import type { StoredDelivery } from '../../../store/deliveryOperations.ts'
import { alertMessage } from './alertMessage.ts'
import { appriseBody } from './apprise.ts'
import { pagerDutyBody } from './pagerDuty.ts'
import { slackBody } from './slack.ts'

/** A request as its destination expects it. */
export interface Rendered {
  headers: Record<string, string>
  body: string
}

/**
 * @param moment `now`, when it is sent, in milliseconds since the epoch; and the name of this reporter
 * @returns undefined if it was written for another preset, and the destination's has no message for it
 */
export const render = (
  { preset, secrets }: Destination,
  { id, body }: Pick<StoredDelivery, 'id' | 'body'>,
  { now, installation }: { now: number; installation: string },
): Rendered | undefined => {
  if (preset === 'standard') {
    return { headers: signatureHeaders({ id, seconds: Math.floor(now / 1000), body }, secrets), body }
  }
  const message = alertMessage(body, installation)
  if (!message) return undefined
  const rendered = {
    slack: () => slackBody(message),
    apprise: () => appriseBody(message),
    pagerduty: () => pagerDutyBody(message, secrets[0] ?? ''),
  }[preset]()
  return { headers: {}, body: JSON.stringify(rendered) }
}
