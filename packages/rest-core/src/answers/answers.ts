import { z } from 'zod'
import type { Mode } from '../requests/identity.ts'
import {
  fileListSchema,
  millisecondsOf,
  numeric,
  type RecordedFile,
  textual,
  type UnknownFields,
} from './lenientSchemas.ts'

/** The fields of the request that most answers repeat. */
type Echo = UnknownFields & { resourceId?: string; sid?: string; cname?: string; uid?: string }

export type AcquireAnswer = UnknownFields & { resourceId: string; cname?: string; uid?: string }

/** The answer to start on the wire. It may repeat the resource; only the sid is required. */
export type StartReply = UnknownFields & { sid: string; resourceId?: string; cname?: string; uid?: string }

export type StartAnswer = StartReply & { resourceId: string }

/** State of one extension service, decoded. Its fields depend on the service and the call. */
export type ExtensionServicePayload = UnknownFields & {
  state?: 'init' | 'inProgress' | 'exit' | (string & {})
  onhold?: boolean
  fileList: RecordedFile[]
  outputs?: { rtmpUrl?: string; status?: string }[]
  /** Only in the answer to stop: `uploaded`, `backuped` or `unknown`. */
  uploadingStatus?: string
}

export interface ExtensionServiceState {
  serviceName: string
  payload: ExtensionServicePayload
}

interface WebState {
  extensionServiceState: ExtensionServiceState[]
}

/** The files of the modes that record a channel, without screenshots. */
interface ChannelFiles {
  /** `string`: only the playlist's name. `json`: every file. */
  fileListMode?: 'string' | 'json' | (string & {})
  fileList: RecordedFile[]
}

/** The fields of a mode's answer. A mode that is only known at run time has the fields of all, with empty lists. */
type ByMode<M extends Mode, Web, Channel> = [M] extends ['web']
  ? Web
  : [M] extends ['individual' | 'mix']
    ? Channel
    : Web & Channel

/** `serverResponse` of a query. `status`: see {@link QUERY_STATUSES}; it may have other values. */
export type QueryServerResponse<M extends Mode = Mode> = UnknownFields & { status: number } & ByMode<
    M,
    WebState,
    ChannelFiles & {
      /** Individual mode: Unix time in milliseconds of the recording's start. */
      sliceStartTimeMs?: number
    }
  >

export type QueryAnswer<M extends Mode = Mode> = Echo & { serverResponse: QueryServerResponse<M> }

/** `serverResponse` of stop. */
export type StopServerResponse<M extends Mode = Mode> = UnknownFields &
  ByMode<
    M,
    WebState,
    ChannelFiles & {
      /** `backuped`: some files are in Agora's backup, which uploads them later. */
      uploadingStatus?: 'uploaded' | 'backuped' | 'unknown' | (string & {})
    }
  >

export type StopAnswer<M extends Mode = Mode> = Echo & { serverResponse: StopServerResponse<M> }

export type UpdateAnswer = Echo

/**
 * `status` of a query.
 *
 * @see https://docs.agora.io/en/cloud-recording/reference/restful-api
 */
export const QUERY_STATUSES = {
  0: 'not started',
  1: 'initialised',
  2: 'starting',
  3: 'some components ready',
  4: 'ready',
  5: 'in progress',
  6: 'stop requested',
  7: 'stopped',
  8: 'exited',
  20: 'exited abnormally',
} as const

const echo = {
  resourceId: z.string().optional().catch(undefined),
  sid: z.string().optional().catch(undefined),
  cname: z.string().optional().catch(undefined),
  uid: textual.optional().catch(undefined),
}

const text = z.string().optional().catch(undefined)

const payloadSchema: z.ZodType<ExtensionServicePayload> = z.looseObject({
  state: text,
  onhold: z.boolean().optional().catch(undefined),
  fileList: fileListSchema,
  outputs: z
    .array(z.looseObject({ rtmpUrl: text, status: text }))
    .optional()
    .catch(undefined),
  uploadingStatus: text,
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

/** One decoder for all modes: an answer does not name its mode and lacks the fields of the other modes. */
const responseShape = {
  extensionServiceState: servicesSchema,
  fileListMode: text,
  fileList: fileListSchema,
}

export const acquireAnswerSchema: z.ZodType<AcquireAnswer> = z.looseObject({
  ...echo,
  resourceId: z.string().min(1),
})

export const startAnswerSchema: z.ZodType<StartReply> = z.looseObject({ ...echo, sid: z.string().min(1) })

const startTimeSchema = numeric.optional().catch(undefined)

export const queryAnswerSchema: z.ZodType<QueryAnswer> = z.looseObject({
  ...echo,
  serverResponse: z
    .looseObject({ status: numeric, ...responseShape, sliceStartTime: startTimeSchema })
    .transform(({ sliceStartTime, ...rest }) =>
      sliceStartTime === undefined ? rest : { ...rest, sliceStartTimeMs: millisecondsOf(sliceStartTime) },
    ),
})

export const updateAnswerSchema: z.ZodType<UpdateAnswer> = z.looseObject(echo)

const emptyStopResponse = { extensionServiceState: [], fileList: [] }

export const stopAnswerSchema: z.ZodType<StopAnswer> = z.looseObject({
  ...echo,
  serverResponse: z
    .looseObject({ ...responseShape, uploadingStatus: text })
    .catch(emptyStopResponse)
    .default(emptyStopResponse),
})

/** IP addresses of the notification servers, at least one: an empty allow-list would lock out all of them. */
export const notificationServersSchema: z.ZodType<string[]> = z
  .looseObject({ data: z.looseObject({ service: z.looseObject({ hosts: z.array(z.unknown()) }) }) })
  .transform(({ data }) =>
    data.service.hosts.flatMap((host) => hostSchema.safeParse(host).data?.primaryIP ?? []),
  )
  .refine((addresses) => addresses.length > 0, { error: 'must have a primaryIP' })

const hostSchema = z.looseObject({ primaryIP: z.string().min(1) })

/**
 * Every file that the answer to a query or a stop names, in any mode: playlists and MP4 files.
 *
 * @example
 * filesOf({ serverResponse: { fileList: [{ fileName: 'sid_room.m3u8' }] } }) // => [{ fileName: 'sid_room.m3u8' }]
 */
export const filesOf = ({ serverResponse }: { serverResponse: object }): RecordedFile[] => {
  const { fileList = [], extensionServiceState = [] } = serverResponse as Partial<WebState & ChannelFiles>
  return [...fileList, ...extensionServiceState.flatMap(({ payload }) => payload.fileList)]
}
