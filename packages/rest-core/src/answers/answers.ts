import { z } from 'zod'
import { fileListSchema, numeric, type RecordedFile, textual } from './tolerant.ts'

/** Fields that the reference does not name are kept as they came. */
type Unknown = { readonly [field: string]: unknown }

export type AcquireAnswer = Unknown & { resourceId: string; cname?: string; uid?: string }

/** What start answers on the wire: it echoes the resource, but the sid alone is what counts. */
export type StartReply = Unknown & { sid: string; resourceId?: string; cname?: string; uid?: string }

export type StartAnswer = StartReply & { resourceId: string }

/** State of one extension service, decoded. Which fields there are depends on the service and the call. */
export type ExtensionServicePayload = Unknown & {
  state?: 'init' | 'inProgress' | 'exit' | (string & {})
  onhold?: boolean
  fileList: RecordedFile[]
  outputs?: { rtmpUrl?: string; status?: string }[]
  /** In the answer to stop: `uploaded`, `backuped` or `unknown`. */
  uploadingStatus?: string
}

export type ExtensionServiceState = { serviceName: string; payload: ExtensionServicePayload }

/**
 * `status` of a query: 0 not started, 1 initialised, 2 starting, 3 some components ready, 4 ready, 5 in
 * progress, 6 stop requested, 7 stopped, 8 exited, 20 exited abnormally. Others are passed on.
 */
export type QueryServerResponse = Unknown & {
  status: number
  extensionServiceState: ExtensionServiceState[]
}

export type StopServerResponse = Unknown & { extensionServiceState: ExtensionServiceState[] }

export type QueryAnswer = Unknown & {
  resourceId?: string
  sid?: string
  cname?: string
  uid?: string
  serverResponse: QueryServerResponse
}

export type UpdateAnswer = Unknown & { resourceId?: string; sid?: string }

export type StopAnswer = Unknown & { resourceId?: string; sid?: string; serverResponse: StopServerResponse }

const echo = {
  resourceId: z.string().optional().catch(undefined),
  sid: z.string().optional().catch(undefined),
  cname: z.string().optional().catch(undefined),
  uid: textual.optional().catch(undefined),
}

const payloadSchema: z.ZodType<ExtensionServicePayload> = z.looseObject({
  state: z.string().optional().catch(undefined),
  onhold: z.boolean().optional().catch(undefined),
  fileList: fileListSchema,
  outputs: z
    .array(
      z.looseObject({
        rtmpUrl: z.string().optional().catch(undefined),
        status: z.string().optional().catch(undefined),
      }),
    )
    .optional()
    .catch(undefined),
  uploadingStatus: z.string().optional().catch(undefined),
})

const servicesSchema: z.ZodType<ExtensionServiceState[]> = z
  .array(
    z.looseObject({
      serviceName: z.string(),
      payload: payloadSchema.catch(() => ({ fileList: [] })).default({ fileList: [] }),
    }),
  )
  .catch([])
  .default([])

export const acquireAnswerSchema: z.ZodType<AcquireAnswer> = z.looseObject({
  ...echo,
  resourceId: z.string().min(1),
})

export const startAnswerSchema: z.ZodType<StartReply> = z.looseObject({ ...echo, sid: z.string().min(1) })

export const queryAnswerSchema: z.ZodType<QueryAnswer> = z.looseObject({
  ...echo,
  serverResponse: z.looseObject({ status: numeric, extensionServiceState: servicesSchema }),
})

export const updateAnswerSchema: z.ZodType<UpdateAnswer> = z.looseObject(echo)

export const stopAnswerSchema: z.ZodType<StopAnswer> = z.looseObject({
  ...echo,
  serverResponse: z
    .looseObject({ extensionServiceState: servicesSchema })
    .catch({ extensionServiceState: [] })
    .default({ extensionServiceState: [] }),
})
