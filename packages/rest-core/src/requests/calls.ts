import { z } from 'zod'
import {
  addressShape,
  type Identity,
  identityShape,
  type Mode,
  modeSchema,
  opaqueIdSchema,
  type TaskAddress,
} from './identity.ts'
import { type IndividualStartRequest, individualStartRequestSchema } from './individual.ts'
import { type MixStartRequest, mixStartRequestSchema } from './mix.ts'
import { type WebStartRequest, webStartRequestSchema } from './web.ts'

export * from './acquire.ts'
export * from './update.ts'

/** `clientRequest` of start, by mode. */
export interface StartClientRequests {
  individual: IndividualStartRequest
  mix: MixStartRequest
  web: WebStartRequest
}

/** What is recorded and how: a mode and its `clientRequest` of start. */
export type Task<M extends Mode = Mode> = {
  [Each in M]: { mode: Each; clientRequest: StartClientRequests[Each] }
}[M]

export type StartRequest<M extends Mode = Mode> = Identity & { resourceId: string } & Task<M>

export type QueryRequest<M extends Mode = Mode> = TaskAddress<M>

/** `async_stop` false (default): Agora answers after the upload, or after 20 s. */
export type StopRequest<M extends Mode = Mode> = Identity &
  TaskAddress<M> & { clientRequest: { async_stop?: boolean } }

const startShape = { ...identityShape, resourceId: opaqueIdSchema }

export const startRequestSchema: z.ZodType<StartRequest> = z.discriminatedUnion('mode', [
  z.strictObject({
    ...startShape,
    mode: z.literal('individual'),
    clientRequest: individualStartRequestSchema,
  }),
  z.strictObject({ ...startShape, mode: z.literal('mix'), clientRequest: mixStartRequestSchema }),
  z.strictObject({ ...startShape, mode: z.literal('web'), clientRequest: webStartRequestSchema }),
])

export const queryRequestSchema: z.ZodType<QueryRequest> = z.strictObject({
  ...addressShape,
  mode: modeSchema,
})

export const stopRequestSchema: z.ZodType<StopRequest> = z.strictObject({
  ...identityShape,
  ...addressShape,
  mode: modeSchema,
  clientRequest: z.strictObject({ async_stop: z.boolean().optional() }),
})
