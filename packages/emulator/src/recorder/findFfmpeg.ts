import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { RecorderSetupError } from './recorder.ts'

const INSTALL =
  'Install ffmpeg (apt install ffmpeg, brew install ffmpeg, winget install ffmpeg), or set --ffmpeg or FFMPEG_PATH to its executable.'

const EXECUTABLE_NAMES = process.platform === 'win32' ? ['ffmpeg.exe'] : ['ffmpeg']

/** Builds without these exist: some distributions leave out H.264. */
const ENCODERS = ['libx264', 'aac']

/** Listing the encoders takes 0.1 s on an idle machine. */
const LIST_TIMEOUT_MS = 10_000

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const onPath = (env: NodeJS.ProcessEnv): string | undefined =>
  (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => EXECUTABLE_NAMES.map((name) => join(folder, name)))
    .find(isExecutable)

const missingEncoders = (path: string): string[] => {
  const { stdout, status } = spawnSync(path, ['-hide_banner', '-encoders'], {
    encoding: 'utf8',
    timeout: LIST_TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  if (status !== 0) throw new RecorderSetupError(`${path} does not run as ffmpeg. ${INSTALL}`)
  return ENCODERS.filter((name) => !new RegExp(`^ [VA]\\S+ ${name} `, 'm').test(stdout))
}

/**
 * The ffmpeg to record with: the given one, else `FFMPEG_PATH`, else the first one on `PATH`.
 *
 * @throws {RecorderSetupError} if there is none, or if it cannot encode H.264 and AAC
 */
export const findFfmpeg = (given: string | undefined, env: NodeJS.ProcessEnv = process.env): string => {
  const named = given ?? (env.FFMPEG_PATH || undefined)
  if (named !== undefined && !isExecutable(named)) {
    throw new RecorderSetupError(`recording needs ffmpeg, and ${named} is not an executable file. ${INSTALL}`)
  }
  const path = named ?? onPath(env)
  if (path === undefined)
    throw new RecorderSetupError(`recording needs ffmpeg, and none was found. ${INSTALL}`)
  const missing = missingEncoders(path)
  if (missing.length === 0) return path
  throw new RecorderSetupError(`${path} lacks the encoder ${missing.join(' and ')}. ${INSTALL}`)
}
