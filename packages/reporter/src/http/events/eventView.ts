import { z } from '@hono/zod-openapi'
import { iso } from '../../isoTime.ts'
import type { Batch } from '../../runtime/events/eventReader.ts'
import type { TimelineEvent } from '../../store/types.ts'
import { RECORDING_KINDS, RECORDING_STATES } from '../../supervisor/recording.ts'
import type { TimelineView } from '../recordings/timeline.ts'

/** The data of an event: a timeline entry, and its recording when the event is sent. */
export interface EventView extends TimelineView {
  recording: TimelineEvent['recording']
}

/** The data of the event `gap`. */
export interface GapEventView {
  after: number
}

export const eventViewSchema: z.ZodType<EventView> = z
  .object({
    id: z.int(),
    at: z.iso.datetime(),
    code: z.string(),
    recording: z.object({
      id: z.string(),
      kind: z.enum(RECORDING_KINDS),
      labels: z.record(z.string(), z.string()),
      state: z.enum(RECORDING_STATES).openapi({ description: 'When the event is sent' }),
    }),
    attempt: z.int().nullable(),
    message: z.string(),
    evidence: z.record(z.string(), z.unknown()),
  })
  .openapi('Event')

export const gapEventViewSchema: z.ZodType<GapEventView> = z
  .object({ after: z.int().openapi({ description: 'Events up to this id may be missing' }) })
  .openapi('EventGap')

/** Events are shared by all readers, so each is written once. */
const texts = new WeakMap<TimelineEvent, string>()

/** As a block of the stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const writeBatch = (batch: Batch): string => {
  switch (batch.type) {
    case 'events':
      return batch.events.map(writeEvent).join('')
    case 'heartbeat':
      // Without data nothing is dispatched, but the id counts as the last one.
      return `: heartbeat\nid: ${batch.id}\n\n`
    case 'gap':
      return writeBlock({ id: batch.id, event: 'gap', data: { after: batch.id } satisfies GapEventView })
  }
}

const writeEvent = (event: TimelineEvent): string => {
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = writeBlock({ id: event.id, event: event.code, data: viewEvent(event) })
  texts.set(event, text)
  return text
}

/** @param block.event one line, whatever version wrote it */
const writeBlock = ({ id, event, data }: { id: number; event: string; data: unknown }): string =>
  `id: ${id}\nevent: ${event.replaceAll(/[\r\n]/g, ' ')}\ndata: ${JSON.stringify(data)}\n\n`

const viewEvent = ({ id, at, code, recording, attempt, message, evidence }: TimelineEvent): EventView => ({
  ...{ id, at: iso(at), code, recording, attempt, message, evidence },
})
