import type { CallName } from '../call.ts'
import type { Issue } from '../issues.ts'
import { mistakeInChannelName } from './identity.ts'
import { LIMITS } from './limits.ts'
import { fieldOf } from './rules.ts'
import { STORAGE_REGIONS } from './storageRegions.ts'

/** One thing that Agora accepts but advises against. It gets requests of any shape. */
interface Rule {
  calls: readonly CallName[]
  /** Returns undefined if there is nothing to say. */
  advise(request: unknown): Issue | undefined
}

const START = 'clientRequest'

/** The value at a dotted path. */
const at = (value: unknown, path: string): unknown => path.split('.').reduce(fieldOf, value)

const bytes = (text: string): number => new TextEncoder().encode(text).length

const modeOf = (request: unknown): 'web' | 'channel' | undefined => {
  const mode = fieldOf(request, 'mode')
  if (mode !== undefined) return mode === 'web' ? 'web' : 'channel'
  return at(request, `${START}.scene`) === 1 ? 'web' : 'channel'
}

const cname: Rule = {
  calls: ['acquire', 'start'],
  advise: (request) => {
    const name = fieldOf(request, 'cname')
    if (typeof name !== 'string') return undefined
    const message = modeOf(request) === 'web' ? adviceOnWebName(name) : adviceOnChannelName(name)
    return message === undefined ? undefined : { path: 'cname', message }
  },
}

const adviceOnWebName = (name: string): string | undefined =>
  bytes(name) <= LIMITS.cnameBytes.web
    ? undefined
    : `has ${bytes(name)} bytes; one of Agora's pages allows ${LIMITS.cnameBytes.web}, another ${LIMITS.cnameBytes.max}`

const adviceOnChannelName = (name: string): string | undefined => {
  switch (mistakeInChannelName(name)) {
    case 'length':
      return `has ${bytes(name)} bytes; the name of a channel has at most ${LIMITS.cnameBytes.channel}`
    case 'characters':
      return 'has characters that the name of a channel cannot have'
    case undefined:
      return undefined
  }
}

/** A number at `path` for which `isOdd` holds. */
const numberRule = (
  calls: readonly CallName[],
  path: string,
  isOdd: (value: number, request: unknown) => boolean,
  message: (value: number, request: unknown) => string,
): Rule => ({
  calls,
  advise: (request) => {
    const value = at(request, path)
    if (typeof value !== 'number' || !isOdd(value, request)) return undefined
    return { path, message: message(value, request) }
  },
})

const maxIdleTime: Rule = {
  calls: ['start'],
  advise: (request) => {
    const config = at(request, `${START}.recordingConfig`)
    if (config === undefined) return undefined
    const { recommended, default: defaultSeconds } = LIMITS.maxIdleTime
    const given = fieldOf(config, 'maxIdleTime')
    const seconds = given ?? defaultSeconds
    if (typeof seconds !== 'number' || seconds >= recommended) return undefined
    const what = given === undefined ? `is ${defaultSeconds} s by default` : `is ${seconds} s`
    const message = `${what}, so an empty channel soon ends the recording; Agora recommends ${recommended} s`
    return { path: `${START}.recordingConfig.maxIdleTime`, message }
  },
}

const captureInterval = numberRule(
  ['start'],
  `${START}.snapshotConfig.captureInterval`,
  (seconds) => seconds < LIMITS.captureInterval.recommended,
  (seconds) =>
    `is ${seconds} s; one of Agora's pages allows 1 s, another ${LIMITS.captureInterval.recommended} s`,
)

const subscribeUidGroup: Rule = {
  calls: ['start'],
  advise: (request) => {
    const config = at(request, `${START}.recordingConfig`)
    const isAbsent = fieldOf(config, 'subscribeUidGroup') === undefined
    if (fieldOf(request, 'mode') !== 'individual' || config === undefined || !isAbsent) return undefined
    const message = "is not set; Agora's reference requires it, although its examples lack it"
    return { path: `${START}.recordingConfig.subscribeUidGroup`, message }
  },
}

const REGION = `${START}.storageConfig.region`

const regionsOf = (request: unknown): readonly number[] | undefined => {
  const vendor = at(request, `${START}.storageConfig.vendor`)
  return typeof vendor === 'number'
    ? (STORAGE_REGIONS as Readonly<Record<number, readonly number[]>>)[vendor]
    : undefined
}

const storageRegion = numberRule(
  ['start', 'update'],
  REGION,
  (region, request) => regionsOf(request)?.includes(region) === false,
  (region) => `is ${region}, which is not in Agora's list for this vendor`,
)

/** The web recorder's parameters in a start's `clientRequest`, and their path. */
const recorderOf = (request: unknown, path: string): { path: string; param: unknown } | undefined => {
  const services = at(request, `${path}.extensionServiceConfig.extensionServices`)
  if (!Array.isArray(services)) return undefined
  const index = services.findIndex((each) => fieldOf(each, 'serviceName') === 'web_recorder_service')
  if (index === -1) return undefined
  const prefix = `${path}.extensionServiceConfig.extensionServices.${index}.serviceParam`
  return { path: prefix, param: fieldOf(services[index], 'serviceParam') }
}

const videoFps: Rule = {
  calls: ['start'],
  advise: (request) => {
    const recorder = recorderOf(request, START)
    const fps = fieldOf(recorder?.param, 'videoFps')
    const { processed } = LIMITS.videoFps
    if (recorder === undefined || typeof fps !== 'number' || fps <= processed) return undefined
    return {
      path: `${recorder.path}.videoFps`,
      message: `is ${fps}; the recorder processes at most ${processed} frames per second`,
    }
  },
}

const resourceExpiredHour: Rule = {
  calls: ['acquire'],
  advise: (request) => {
    const hours = fieldOf(recorderOf(request, `${START}.startParameter`)?.param, 'maxRecordingHour')
    const path = `${START}.resourceExpiredHour`
    const expiry = at(request, path) ?? LIMITS.resourceExpiredHour.default
    if (typeof hours !== 'number' || typeof expiry !== 'number' || hours <= expiry) return undefined
    const message = `is ${expiry} h and maxRecordingHour ${hours} h; after ${expiry} h the recording can neither be queried nor stopped`
    return { path, message }
  },
}

const postponed: Rule = {
  calls: ['acquire', 'start'],
  advise: (request) => {
    const path = ['scene', 'appsCollection', 'transcodeOptions']
      .map((field) => `${START}.${field}`)
      .find((each) => (each.endsWith('scene') ? at(request, each) === 2 : at(request, each) !== undefined))
    if (path === undefined) return undefined
    return { path, message: "is no longer in Agora's reference: postponed transcoding has been retired" }
  },
}

const RULES: readonly Rule[] = [
  cname,
  resourceExpiredHour,
  maxIdleTime,
  subscribeUidGroup,
  captureInterval,
  videoFps,
  storageRegion,
  postponed,
]

/**
 * What Agora accepts in a request but advises against, or what its own pages disagree about: names that are too long for
 * the mode, a resource that expires before its recording ends, a short `maxIdleTime` or `captureInterval`, an unlisted
 * storage region, more frames than the recorder processes, and what has been retired.
 *
 * @see https://docs.agora.io/en/cloud-recording/best-practices/integration-best-practices
 * @param request need not be valid
 * @example
 * const request = { mode: 'mix', cname: 'class42', clientRequest: { recordingConfig: { channelType: 0 } } }
 * adviceOn('start', request).map(({ path }) => path) // => ['clientRequest.recordingConfig.maxIdleTime']
 */
export const adviceOn = (call: CallName, request: unknown): Issue[] =>
  RULES.filter(({ calls }) => calls.includes(call)).flatMap(({ advise }) => advise(request) ?? [])
