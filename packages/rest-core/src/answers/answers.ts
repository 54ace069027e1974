import { z } from 'zod'
import type { Mode } from '../requests/identity.ts'
import { fileListSchema, millisecondsOf, numeric, type RecordedFile, textual } from './lenientSchemas.ts'

/** Fields that the reference does not name are kept as they came. */
interface Unknown {
  readonly [field: string]: unknown
}

/** What most answers repeat of the request. */
type Echo = Unknown & { resourceId?: string; sid?: string; cname?: string; uid?: string }

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

export interface ExtensionServiceState {
  serviceName: string
  payload: ExtensionServicePayload
}

interface WebState {
  extensionServiceState: ExtensionServiceState[]
}

/** The files of the modes that record a channel. Screenshots are not among them. */
interface ChannelFiles {
  /** `string`: there was the playlist's name alone. `json`: there were the files one by one. */
  fileListMode?: 'string' | 'json' | (string & {})
  fileList: RecordedFile[]
}

/** What a mode answers. For a mode that is only known at run time: all of it, with empty lists. */
type ByMode<M extends Mode, Web, Channel> = [M] extends ['web']
  ? Web
  : [M] extends ['individual' | 'mix']
    ? Channel
    : Web & Channel

/** `serverResponse` of a query. `status`: see {@link QUERY_STATUSES}; others are passed on. */
export type QueryServerResponse<M extends Mode = Mode> = Unknown & { status: number } & ByMode<
    M,
    WebState,
    ChannelFiles & {
      /** Unix time in milliseconds of the recording's start; individual mode. */
      sliceStartTimeMs?: number
    }
  >

export type QueryAnswer<M extends Mode = Mode> = Echo & { serverResponse: QueryServerResponse<M> }

/** `serverResponse` of stop. */
export type StopServerResponse<M extends Mode = Mode> = Unknown &
  ByMode<
    M,
    WebState,
    ChannelFiles & {
      /** `backuped`: some files went to Agora's backup first and follow by themselves. */
      uploadingStatus?: 'uploaded' | 'backuped' | 'unknown' | (string & {})
    }
  >

export type StopAnswer<M extends Mode = Mode> = Echo & { serverResponse: StopServerResponse<M> }

export type UpdateAnswer = Echo

/** What `status` of a query says (Agora, query). */
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

/** One decoder for all modes: the answer does not name its mode, and each mode leaves the others' fields out. */
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

const nothingStopped = { extensionServiceState: [], fileList: [] }

export const stopAnswerSchema: z.ZodType<StopAnswer> = z.looseObject({
  ...echo,
  serverResponse: z
    .looseObject({ ...responseShape, uploadingStatus: text })
    .catch(nothingStopped)
    .default(nothingStopped),
})

/** IP addresses of the notification servers. An answer without any is none: as an allow-list it locks all out. */
export const notificationServersSchema: z.ZodType<string[]> = z
  .looseObject({ data: z.looseObject({ service: z.looseObject({ hosts: z.array(z.unknown()) }) }) })
  .transform(({ data }) =>
    data.service.hosts.flatMap((host) => hostSchema.safeParse(host).data?.primaryIP ?? []),
  )
  .refine((addresses) => addresses.length > 0, { error: 'must have a primaryIP' })

const hostSchema = z.looseObject({ primaryIP: z.string().min(1) })

/** Every file that the answer to a query or a stop names, whatever the mode; mp4 files and playlists alike. */
export const filesOf = ({ serverResponse }: { serverResponse: object }): RecordedFile[] => {
  const { fileList = [], extensionServiceState = [] } = serverResponse as Partial<WebState & ChannelFiles>
  return [...fileList, ...extensionServiceState.flatMap(({ payload }) => payload.fileList)]
}
