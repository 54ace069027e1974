import { z } from '@hono/zod-openapi'
import type { EventsOptions } from '../../runtime/events/eventFeed.ts'
import {
  RECORDING_KINDS,
  RECORDING_STATES,
  type RecordingKind,
  type RecordingState,
} from '../../supervisor/recording.ts'
import { TIMELINE_CODES } from '../../supervisor/timeline.ts'
import { labelsOf, toList } from '../recordings/recordingQuery.ts'

interface EventQuery {
  from: string
  recording?: string
  state?: RecordingState[]
  kind?: RecordingKind
  code?: string[]
  /** The others, of which those named `label.<name>` are filters. */
  [name: string]: unknown
}

const CODES = Object.keys(TIMELINE_CODES)

const listOf = (name: string, values: readonly string[], description: string) =>
  z.preprocess(toList, z.array(z.enum(values)).optional()).openapi({
    param: { name, in: 'query', required: false, style: 'form', explode: true },
    type: 'array',
    items: { type: 'string', enum: [...values] },
    description,
  })

/** Other parameters pass, because `label.<name>` has any name: `filterOf` refuses those that are no labels. */
export const eventQuerySchema: z.ZodObject = z.looseObject({
  from: z
    .string()
    .regex(/^(now|\d{1,15})$/, 'must be `now` or the id of an event')
    .default('now')
    .openapi({
      description:
        'Begin after the event with this id, with 0 at the oldest one. The header Last-Event-ID counts instead if it is there',
    }),
  recording: z
    .string()
    .min(1)
    .optional()
    .openapi({ description: 'Only of the recording with this id, and of its standby' }),
  state: listOf(
    'state',
    RECORDING_STATES,
    'Only of recordings that are in one of these states when the event is sent',
  ),
  kind: z.enum(RECORDING_KINDS).optional(),
  code: listOf('code', CODES, 'Only with one of these codes: `code=recording.rolling&code=attempt.failed`'),
})

/** Browsers send what they received last. An empty one is none. */
export const eventHeadersSchema: z.ZodObject<{ 'last-event-id': z.ZodOptional<z.ZodString> }> = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{0,15}$/, 'must be the id of an event')
    .optional()
    .openapi({ description: 'The id of the last event that was received' }),
})

/** @throws {Problem} 422 that names the parameters which are neither known nor labels */
export const eventsOptionsOf = (
  query: Record<string, unknown>,
  lastEventId: string | undefined,
): Omit<EventsOptions, 'onSlow'> => {
  const { from, recording: recordingId, state: states, kind, code: codes, ...others } = query as EventQuery
  const last = lastEventId || from
  const labels = Object.entries(labelsOf(others))
  return {
    from: last === 'now' ? last : Number(last),
    recordingId,
    matches: ({ code, recording }) =>
      (kind === undefined || recording.kind === kind) &&
      (states?.includes(recording.state) ?? true) &&
      (codes?.includes(code) ?? true) &&
      labels.every(([name, value]) => recording.labels[name] === value),
  }
}
