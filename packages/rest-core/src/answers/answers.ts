import type { z } from 'zod'
import type { Mode } from '../requests/identity.ts'
import {
  type Extra,
  flag,
  id,
  isObject,
  list,
  number,
  object,
  objectOrEmpty,
  optional,
  schemaOf,
  text,
  textual,
} from './reader.ts'
import { fileList, milliseconds, type RecordedFile } from './recordedFile.ts'

/** The fields of the request that most answers repeat. */
interface Echo extends Extra {
  resourceId?: string
  sid?: string
  cname?: string
  uid?: string
}

export interface AcquireAnswer extends Echo {
  resourceId: string
}

/** The answer to start on the wire. It may repeat the resource; only the sid is required. */
export interface StartReply extends Echo {
  sid: string
}

export interface StartAnswer extends StartReply {
  resourceId: string
}

/** One stream of a web page recording (`rtmp_publish_service`). */
export interface PublishedOutput extends Extra {
  rtmpUrl?: string
  status?: string
}

/** State of one extension service, decoded. Its fields depend on the service and the call. */
export interface ExtensionServicePayload extends Extra {
  state?: 'init' | 'inProgress' | 'exit' | (string & {})
  onhold?: boolean
  fileList: RecordedFile[]
  outputs?: PublishedOutput[]
  /** Only in the answer to stop: `uploaded`, `backuped` or `unknown`. */
  uploadingStatus?: string
}

export interface ExtensionServiceState extends Extra {
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
export type QueryServerResponse<M extends Mode = Mode> = Extra & { status: number } & ByMode<
    M,
    WebState,
    ChannelFiles & {
      /** Individual mode: Unix time in milliseconds of the recording's start. */
      sliceStartTimeMs?: number
    }
  >

export interface QueryAnswer<M extends Mode = Mode> extends Echo {
  serverResponse: QueryServerResponse<M>
}

/** `serverResponse` of stop. */
export type StopServerResponse<M extends Mode = Mode> = Extra &
  ByMode<
    M,
    WebState,
    ChannelFiles & {
      /** `backuped`: some files are in Agora's backup, which uploads them later. */
      uploadingStatus?: 'uploaded' | 'backuped' | 'unknown' | (string & {})
    }
  >

export interface StopAnswer<M extends Mode = Mode> extends Echo {
  serverResponse: StopServerResponse<M>
}

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

const echo = { resourceId: text, sid: text, cname: text, uid: textual }

const payload = objectOrEmpty<ExtensionServicePayload>({
  state: text,
  onhold: flag,
  fileList,
  outputs: optional(list(object<PublishedOutput>({ rtmpUrl: text, status: text }))),
  uploadingStatus: text,
})

const extensionServiceState = list(
  object<ExtensionServiceState>({ serviceName: text, payload }, ['serviceName']),
)

/** One reader for all modes: an answer does not name its mode and lacks the fields of the other modes. */
const allModes = { extensionServiceState, fileListMode: text, fileList }

const queryResponse = object<QueryServerResponse>(
  { status: number, ...allModes, sliceStartTimeMs: { wire: ['sliceStartTime'], read: milliseconds } },
  ['status'],
)

const stopResponse = objectOrEmpty<StopServerResponse>({ ...allModes, uploadingStatus: text })

export const acquireAnswerSchema: z.ZodType<AcquireAnswer> = schemaOf(
  object<AcquireAnswer>({ ...echo, resourceId: id }, ['resourceId']),
)

export const startAnswerSchema: z.ZodType<StartReply> = schemaOf(
  object<StartReply>({ ...echo, sid: id }, ['sid']),
)

export const queryAnswerSchema: z.ZodType<QueryAnswer> = schemaOf(
  object<QueryAnswer>({ ...echo, serverResponse: queryResponse }, ['serverResponse']),
)

export const updateAnswerSchema: z.ZodType<UpdateAnswer> = schemaOf(object<UpdateAnswer>(echo))

export const stopAnswerSchema: z.ZodType<StopAnswer> = schemaOf(
  object<StopAnswer>({ ...echo, serverResponse: stopResponse }),
)

/** IP addresses of the notification servers, at least one: an empty allow-list would lock out all of them. */
export const notificationServersSchema: z.ZodType<string[]> = schemaOf((raw) => {
  const hosts = ['data', 'service', 'hosts'].reduce<unknown>(
    (value, field) => (isObject(value) ? value[field] : undefined),
    raw,
  )
  const addresses = (Array.isArray(hosts) ? hosts : []).flatMap((host) =>
    isObject(host) ? (id(host.primaryIP).value ?? []) : [],
  )
  return addresses.length > 0 ? { value: addresses } : { missing: 'data.service.hosts' }
})

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
