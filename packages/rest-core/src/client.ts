import { z } from 'zod'
import {
  type AcquireAnswer,
  acquireAnswerSchema,
  notificationServersSchema,
  type QueryAnswer,
  queryAnswerSchema,
  type StartReply,
  type StopAnswer,
  startAnswerSchema,
  stopAnswerSchema,
  type UpdateAnswer,
  updateAnswerSchema,
} from './answers/answers.ts'
import type { CallOptions, CloudRecording, CloudRecordingOptions } from './cloudRecording.ts'
import { settingsOf } from './options.ts'
import { performCall } from './performCall.ts'
import {
  acquireRequestSchema,
  type QueryRequest,
  queryRequestSchema,
  type StopRequest,
  startRequestSchema,
  stopRequestSchema,
  updateLayoutRequestSchema,
  updateRequestSchema,
} from './requests/calls.ts'
import { rememberResponse, responseOf } from './responseOf.ts'
import type { CallSchemas } from './tryOnce.ts'

/**
 * Creates a client of Agora's Cloud Recording REST API.
 *
 * @example
 * const client = createCloudRecording({ appId, customerId, customerSecret, area: 'EU' })
 * const { resourceId } = await client.acquire({ cname: 'class42', uid: '900001', clientRequest: { scene: 1 } })
 *
 * @throws InvalidOptionsError naming every invalid option
 */
export const createCloudRecording = (options: CloudRecordingOptions): CloudRecording => {
  const settings = settingsOf(options)
  return {
    acquire: (request, how) => performCall(settings, schemas.acquire, request, how),
    start: async (request, how) => {
      const answer = await performCall(settings, schemas.start, request, how)
      const started = { ...answer, resourceId: answer.resourceId ?? request.resourceId }
      return rememberResponse(started, responseOf(answer))
    },
    query: (request: QueryRequest, how?: CallOptions) => performCall(settings, schemas.query, request, how),
    update: (request, how) => performCall(settings, schemas.update, request, how),
    updateLayout: (request, how) => performCall(settings, schemas.updateLayout, request, how),
    stop: (request: StopRequest, how?: CallOptions) => performCall(settings, schemas.stop, request, how),
    notificationServers: (how) => performCall(settings, schemas.notificationServers, {}, how),
    wait: (seconds, signal) => settings.clock.sleep(seconds * settings.backoffScale * 1000, signal),
    now: () => settings.clock.now(),
  }
}

const schemas: {
  acquire: CallSchemas<'acquire', AcquireAnswer>
  start: CallSchemas<'start', StartReply>
  query: CallSchemas<'query', QueryAnswer>
  update: CallSchemas<'update', UpdateAnswer>
  updateLayout: CallSchemas<'updateLayout', UpdateAnswer>
  stop: CallSchemas<'stop', StopAnswer>
  notificationServers: CallSchemas<'notificationServers', string[]>
} = {
  acquire: { name: 'acquire', request: acquireRequestSchema, answer: acquireAnswerSchema },
  start: { name: 'start', request: startRequestSchema, answer: startAnswerSchema },
  query: { name: 'query', request: queryRequestSchema, answer: queryAnswerSchema },
  update: { name: 'update', request: updateRequestSchema, answer: updateAnswerSchema },
  updateLayout: { name: 'updateLayout', request: updateLayoutRequestSchema, answer: updateAnswerSchema },
  stop: { name: 'stop', request: stopRequestSchema, answer: stopAnswerSchema },
  notificationServers: {
    name: 'notificationServers',
    request: z.strictObject({}),
    answer: notificationServersSchema,
  },
}
