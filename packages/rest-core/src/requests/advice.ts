import type { Issue } from '../issues.ts'
import { LIMITS } from './limits.ts'
import { fieldOf } from './rules.ts'

/**
 * The settings in a start's `clientRequest` that Agora accepts but advises against. There is one so far: with
 * `maxIdleTime` below 300 s a short break in the channel ends the recording.
 *
 * @see https://docs.agora.io/en/cloud-recording/best-practices/integration-best-practices
 * @param clientRequest need not be valid
 * @example
 * adviceOn({ recordingConfig: { channelType: 0 } }).map(({ path }) => path) // => ['recordingConfig.maxIdleTime']
 */
export const adviceOn = (clientRequest: unknown): Issue[] => {
  const config = fieldOf(clientRequest, 'recordingConfig')
  if (config === undefined) return []
  const { recommended, default: defaultSeconds } = LIMITS.maxIdleTime
  const given = fieldOf(config, 'maxIdleTime')
  const seconds = given ?? defaultSeconds
  if (typeof seconds !== 'number' || seconds >= recommended) return []
  const what = given === undefined ? `is ${defaultSeconds} s by default` : `is ${seconds} s`
  const message = `${what}, so an empty channel soon ends the recording; Agora recommends ${recommended} s`
  return [{ path: 'recordingConfig.maxIdleTime', message }]
}
