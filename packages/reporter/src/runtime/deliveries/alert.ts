import type { AttentionCode } from '../../supervisor/recording.ts'
import type { Announcement } from './announcement.ts'

/**
 * What a person must do something about, for destinations that people read: one message when a cause begins to hold, and
 * one when it is over. Several recordings may share a cause.
 */
export interface Alert {
  /** The same for the beginning and the end. */
  cause: string
  action: 'raise' | 'clear'
  /** Whether it is the cause of any number of recordings. */
  isShared: boolean
}

/**
 * - `shared`: the cause is not the recording's. A person has one thing to do, however many recordings it stops
 * - `own`: a person has to do something about this recording
 * - `none`: it can wait for office hours. No message is sent
 */
const ATTENTION: Readonly<Record<AttentionCode, { shared: string } | 'own' | 'none'>> = {
  agora_refuses_account: { shared: 'agora_refuses_account' },
  agora_unreachable: { shared: 'agora_unreachable' },
  storage_unavailable: { shared: 'storage_unavailable' },
  token_unavailable: { shared: 'token_unavailable' },
  // Each silent page raises it during an ingress outage.
  reports_not_received: { shared: 'ingress_outage' },
  no_files: 'own',
  upload_failing: 'own',
  change_refused: 'own',
  slow_retries: 'none',
  uploads_backuped: 'none',
  two_documents: 'none',
  short_idle_time: 'none',
  frequent_idle_exits: 'none',
  nothing_received: 'none',
}

const isKnown = (code: string): code is AttentionCode => Object.hasOwn(ATTENTION, code)

/** The causes that an announcement raises or clears. Clearing one that does not hold is no message. */
export const alertsOf = (announcement: Announcement): Alert[] => {
  const own = (action: Alert['action'], cause: string, id: string): Alert => ({
    cause: `${cause}/${id}`,
    ...{ action, isShared: false },
  })
  switch (announcement.type) {
    case 'recording.attention_raised':
    case 'recording.attention_cleared': {
      const { recording, attention } = announcement
      const action = announcement.type === 'recording.attention_raised' ? 'raise' : 'clear'
      const who = isKnown(attention.code) ? ATTENTION[attention.code] : 'none'
      if (who === 'none') return []
      if (who === 'own') return [own(action, attention.code, recording.id)]
      return [{ cause: who.shared, action, isShared: true }]
    }
    case 'recording.unhealthy':
      return announcement.final ? [own('raise', 'gave_up', announcement.recording.id)] : []
    case 'recording.failed':
      return [
        own('clear', 'gave_up', announcement.recording.id),
        own('raise', 'failed', announcement.recording.id),
      ]
    case 'recording.created':
    // Each of them ends both: a person has had it recorded again, it is recorded, or it is not to be recorded any more.
    case 'recording.restarted':
    case 'recording.rolling':
    case 'recording.stopped':
      return [
        own('clear', 'gave_up', announcement.recording.id),
        own('clear', 'failed', announcement.recording.id),
      ]
    case 'supervisor.paused':
      return [{ cause: 'ingress_outage', action: 'raise', isShared: true }]
    case 'supervisor.resumed':
      return [{ cause: 'ingress_outage', action: 'clear', isShared: true }]
    case 'delivery.exhausted':
      return [{ cause: `destination/${announcement.destination.name}`, action: 'raise', isShared: true }]
    case 'delivery.recovered':
      return [{ cause: `destination/${announcement.destination.name}`, action: 'clear', isShared: true }]
    default:
      return []
  }
}
