import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Destination } from '../../destinations.ts'
import { iso } from '../../isoTime.ts'
import { type NewDelivery, NO_RECORDING, TESTS } from '../../store/deliveryOperations.ts'
import type { StoreOperations } from '../../store/store.ts'
import type { Time } from '../../supervisor/recording.ts'
import { type Alert, alertsOf } from './alert.ts'
import type { Announcement } from './announcement.ts'
import { type AnnouncedDecision, announcementsOf } from './announcementsOf.ts'
import { writeBody } from './deliveryBody.ts'
import { type DeliveryType, isSelected } from './deliveryTypes.ts'

/** Writes deliveries, in the transaction of what they are about. Without a destination it costs nothing. */
export interface Outbox {
  /** Writes what a decision announces. */
  announce(operations: StoreOperations, announced: AnnouncedDecision, now: Time): Promise<void>
  /**
   * Writes what the reporter itself announces.
   * @param to the destinations; by default all
   * @returns the ids of the deliveries
   */
  write(
    operations: StoreOperations,
    announcement: Announcement,
    options: { now: Time; to?: (name: string) => boolean },
  ): Promise<string[]>
  /** Whether a destination is sent this type. If not, what it is about need not be known. */
  isSent(type: DeliveryType): boolean
  /** Whether anything was written since the last call. It may have been rolled back. */
  takeWritten(): boolean
}

interface Announced {
  recordingId: string
  announcements: readonly Announcement[]
  destinations: readonly Destination[]
}

/** @param options.newId makes the `webhook-id` of a delivery */
export const createOutbox = (options: {
  destinations: readonly Destination[]
  log: Pick<Logger, 'error'>
  newId?: () => string
}): Outbox => {
  const { destinations, log, newId = () => `dlv_${randomUUID().replaceAll('-', '')}` } = options
  let hasWritten = false

  /** A defect here must not keep a recording from being supervised. */
  const derive = (announced: AnnouncedDecision): Announcement[] => {
    try {
      return announcementsOf(announced)
    } catch (err) {
      const recordingId = announced.decision.recording.id
      log.error({ err, recordingId }, 'a decision could not be announced')
      return []
    }
  }

  const rowOf = (
    { name }: Destination,
    announcement: Announcement & { alert?: Pick<Alert, 'cause' | 'action'> },
    now: Time,
  ): NewDelivery => {
    const id = newId()
    const body = writeBody(announcement, { id, time: iso(now) })
    return { id, destination: name, type: announcement.type, body }
  }

  const writeAll = async (
    operations: StoreOperations,
    announced: Announced,
    now: Time,
  ): Promise<string[]> => {
    const { recordingId, announcements } = announced
    const own: NewDelivery[] = []
    const shared: NewDelivery[] = []
    for (const destination of announced.destinations) {
      for (const announcement of announcements) {
        const { preset, types } = destination
        if (preset === 'standard' || announcement.type === 'delivery.test') {
          if (isSelected(types, announcement.type)) own.push(rowOf(destination, announcement, now))
          continue
        }
        for (const alert of alertsOf(announcement)) {
          const { cause, action } = alert
          // The end of a cause that was raised is sent as well, whatever the type of its announcement.
          if (action === 'raise' && !isSelected(types, announcement.type)) continue
          const isNews = await update(operations, alert, { destination: destination.name, recordingId })
          if (!isNews) continue
          const row = rowOf(destination, { ...announcement, alert: { cause, action } }, now)
          // The end of a shared cause must not overtake its beginning, which another recording may have written.
          const queue = alert.isShared ? shared : own
          queue.push(row)
        }
      }
    }
    await operations.addDeliveries(recordingId, own, now)
    await operations.addDeliveries(NO_RECORDING, shared, now)
    const written = [...own, ...shared]
    hasWritten ||= written.length > 0
    return written.map(({ id }) => id)
  }

  return {
    announce: async (operations, announced, now) => {
      if (destinations.length === 0) return
      const announcements = derive(announced)
      if (announcements.length === 0) return
      const recordingId = announced.decision.recording.id
      await writeAll(operations, { recordingId, announcements, destinations }, now)
    },
    write: (operations, announcement, { now, to = () => true }) =>
      writeAll(
        operations,
        {
          recordingId: announcement.type === 'delivery.test' ? TESTS : NO_RECORDING,
          announcements: [announcement],
          destinations: destinations.filter(({ name }) => to(name)),
        },
        now,
      ),
    isSent: (type) =>
      destinations.some(({ preset, types }) => preset === 'standard' && isSelected(types, type)),
    takeWritten: () => {
      const written = hasWritten
      hasWritten = false
      return written
    },
  }
}

/** @returns whether people are to learn of it */
const update = (
  operations: StoreOperations,
  { action, cause }: Alert,
  of: { destination: string; recordingId: string },
): Promise<boolean> =>
  action === 'raise' ? operations.holdCause({ ...of, cause }) : operations.releaseCause({ ...of, cause })
