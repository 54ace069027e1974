import type { Issue } from '../issues.ts'
import { LIMITS } from './limits.ts'
import { fieldOf } from './rules.ts'

/**
 * What Agora would take but advises against, by field of a start's `clientRequest`. It may be called with a
 * request that nobody has checked yet.
 *
 * So far that is `maxIdleTime` below 300 s (Agora, integration best practices): a short break in the channel
 * ends the recording.
 */
export const adviceOn = (clientRequest: unknown): Issue[] => {
  const config = fieldOf(clientRequest, 'recordingConfig')
  if (config === undefined) return []
  const { recommended, default: usual } = LIMITS.maxIdleTime
  const given = fieldOf(config, 'maxIdleTime')
  const seconds = given ?? usual
  if (typeof seconds !== 'number' || seconds >= recommended) return []
  const what = given === undefined ? `is ${usual} s by default` : `is ${seconds} s`
  const message = `${what}, so an empty channel soon ends the recording; Agora recommends ${recommended} s`
  return [{ path: 'recordingConfig.maxIdleTime', message }]
}
