import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import chromiumPackage from '@sparticuz/chromium'
import { EngineError } from './recorder.ts'
import { type Unpacked, unpackChromium } from './unpackChromium.ts'

const run = promisify(execFile)

export interface Executable {
  path: string
  args: string[]
  env: Record<string, string>
}

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome']

const FIXED_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * Flags of @sparticuz/chromium that are made for Lambda and would falsify a recording: all in one process (killing a
 * page would kill every page), no web security (a missing CORS header would go unseen), and those that Playwright
 * decides about.
 */
const UNWANTED =
  /^--(single-process|no-zygote|no-sandbox|disable-setuid-sandbox|headless|in-process-gpu|disable-web-security|allow-running-insecure-content|disable-site-isolation-trials|disable-features|enable-features)\b/

export const usableArgs = (args: readonly string[]): string[] => args.filter((arg) => !UNWANTED.test(arg))

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first Chrome or Chromium found on `PATH` or where installers put it. */
export const installedChrome = (env: NodeJS.ProcessEnv): string | undefined => {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const places = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...places, ...FIXED_PLACES].find(isExecutable)
}

/** The unpacked libraries are used only where the machine lacks its own: those always fit its libc. */
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
 * The browser to launch: `CHROMIUM_PATH`, else an installed Chrome or Chromium, else @sparticuz/chromium (Linux on
 * x64).
 * @throws {EngineError} if there is none, saying what to do
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
    throw new EngineError('no Chrome or Chromium found: install one, or set CHROMIUM_PATH to its executable')
  }
  const unpacked = await unpackChromium()
  return {
    path: unpacked.executable,
    args: usableArgs(chromiumPackage.args),
    env: await unpackedEnv(unpacked, env),
  }
}
