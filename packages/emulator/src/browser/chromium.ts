import { type Browser, chromium } from 'playwright-core'
import { findExecutable } from './executable.ts'
import { EngineError } from './recorder.ts'

/** A launched browser, with the process id that ends it if it does not end when asked. */
export interface Launched {
  browser: Browser
  pid: number | null
  close(): Promise<void>
}

/** How long a browser may take to close before its process is killed. */
const CLOSE_TIMEOUT_MS = 5000

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const isRoot = (): boolean => process.getuid?.() === 0

/** Chromium's own process id: Playwright keeps it to itself. */
const browserPid = async (browser: Browser): Promise<number | null> => {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return processInfo.find((info) => info.type === 'browser')?.id ?? null
}

const within = (promise: Promise<unknown>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  return Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer))
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ESRCH: it has ended by itself meanwhile.
  }
}

/**
 * Launches Chromium headless, as Agora's recorder would: media play without a gesture. Signals are left to whoever embeds the emulator: Chromium listens on a pipe and ends
 * with this process, however that ends.
 *
 * @param args more of Chromium's command line
 * @param without defaults of Playwright's that are left out
 * @throws {EngineError}
 */
export const launchChromium = async (
  args: readonly string[] = [],
  without: readonly string[] = [],
): Promise<Launched> => {
  const executable = await findExecutable()
  const launch = (chromiumSandbox: boolean) =>
    chromium.launch({
      executablePath: executable.path,
      args: [...executable.args, '--autoplay-policy=no-user-gesture-required', ...args],
      ignoreDefaultArgs: [...without],
      env: { ...process.env, ...executable.env } as Record<string, string>,
      headless: true,
      chromiumSandbox,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
  // Chromium refuses its sandbox to root, and many containers have none to give.
  const browser = await (isRoot()
    ? launch(false)
    : launch(true).catch((error: unknown) => {
        if (/sandbox/i.test(messageOf(error))) return launch(false)
        throw error
      })
  ).catch((error: unknown) => {
    throw new EngineError(`the browser ${executable.path} did not start: ${messageOf(error)}`, {
      cause: error,
    })
  })
  const pid = await browserPid(browser)
  return {
    browser,
    pid,
    close: async () => {
      const closed = await within(
        browser.close().catch(() => {}),
        CLOSE_TIMEOUT_MS,
      )
      if (!closed && pid !== null) kill(pid)
    },
  }
}
