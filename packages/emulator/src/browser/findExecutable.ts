import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import chromiumPackage from '@sparticuz/chromium'
import { EngineError } from './pageOpener.ts'
import { type Unpacked, unpackChromium } from './unpackChromium.ts'

const run = promisify(execFile)

/** A Chromium, and how to run it. */
export interface Executable {
  path: string
  args: string[]
  env: Record<string, string>
}

const EXECUTABLE_NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome']

const INSTALL_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * Flags of @sparticuz/chromium that suit Lambda and would make pages behave differently than at Agora: a single process
 * (killing one page would kill all), no web security (a missing CORS header would go unnoticed), and the flags that
 * Playwright sets itself.
 */
const LAMBDA_FLAGS =
  /^--(single-process|no-zygote|no-sandbox|disable-setuid-sandbox|headless|in-process-gpu|disable-web-security|allow-running-insecure-content|disable-site-isolation-trials|disable-features|enable-features)\b/

/** The arguments without the flags that suit only Lambda. */
export const usableArgs = (args: readonly string[]): string[] => args.filter((arg) => !LAMBDA_FLAGS.test(arg))

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first Chrome or Chromium on `PATH` or at an installer's default path; undefined if there is none. */
export const installedChrome = (env: NodeJS.ProcessEnv): string | undefined => {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = folders.flatMap((folder) => EXECUTABLE_NAMES.map((name) => join(folder, name)))
  return [...candidates, ...INSTALL_PATHS].find(isExecutable)
}

/** Whether Chromium needs the unpacked libraries. The machine's own are preferred, because they match its libc. */
const lacksLibraries = async (executable: string): Promise<boolean> => {
  try {
    await run(executable, ['--version'])
    return false
  } catch (error) {
    if (String(error).includes('shared libraries')) return true
    throw error
  }
}

const unpackedEnv = async (unpacked: Unpacked, env: NodeJS.ProcessEnv): Promise<Record<string, string>> => ({
  FONTCONFIG_FILE: env.FONTCONFIG_FILE ?? unpacked.fontsConf,
  ...((await lacksLibraries(unpacked.executable)) && {
    LD_LIBRARY_PATH: [unpacked.libraries, env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
  }),
})

/**
 * The browser to launch: `CHROMIUM_PATH`, else an installed Chrome or Chromium, else @sparticuz/chromium (Linux on x64
 * only).
 *
 * @throws {EngineError} if there is none; the message says what to do
 */
export const findExecutable = async (env: NodeJS.ProcessEnv = process.env): Promise<Executable> => {
  const given = env.CHROMIUM_PATH
  if (given) {
    if (!isExecutable(given)) throw new EngineError(`CHROMIUM_PATH is not an executable file: ${given}`)
    return { path: given, args: [], env: {} }
  }
  const installed = installedChrome(env)
  if (installed) return { path: installed, args: [], env: {} }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new EngineError(
      'no Chrome or Chromium was found: install one, or set CHROMIUM_PATH to its executable',
    )
  }
  const unpacked = await unpackChromium()
  return {
    path: unpacked.executable,
    args: usableArgs(chromiumPackage.args),
    env: await unpackedEnv(unpacked, env),
  }
}
