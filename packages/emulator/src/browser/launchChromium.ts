import { type Browser, chromium } from 'playwright-core'
import { findExecutable } from './findExecutable.ts'
import { EngineError } from './pageOpener.ts'

/** A running Chromium. */
export interface LaunchedBrowser {
  browser: Browser
  /** The browser's own process; null if Chromium does not report it. */
  pid: number | null
  /** Closes the browser; kills its process if it has not closed after 5 s. */
  close(): Promise<void>
}

export interface LaunchOptions {
  /** Additional command-line arguments for Chromium. */
  args?: readonly string[]
  /** Arguments that Playwright passes by default and that are left out. */
  ignoreDefaultArgs?: readonly string[]
}

const CLOSE_TIMEOUT_MS = 5000

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const isRoot = (): boolean => process.getuid?.() === 0

/** Asks Chromium for its process id, because Playwright does not expose it. */
const browserPid = async (browser: Browser): Promise<number | null> => {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return processInfo.find((info) => info.type === 'browser')?.id ?? null
}

const settlesWithin = (promise: Promise<unknown>, timeoutMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs)
  })
  return Promise.race([promise.then(() => true), timeout]).finally(() => clearTimeout(timer))
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ESRCH: the process has exited in the meantime.
  }
}

/** Chromium refuses to sandbox root (https://crbug.com/638180), and many containers do not permit a sandbox. */
const launchSandboxedIfPossible = async (
  launch: (chromiumSandbox: boolean) => Promise<Browser>,
): Promise<Browser> => {
  if (isRoot()) return launch(false)
  try {
    return await launch(true)
  } catch (error) {
    if (/sandbox/i.test(messageOf(error))) return launch(false)
    throw error
  }
}

/**
 * Launches a headless Chromium in which media play without a user gesture, as in Agora's recorder
 * (https://developer.chrome.com/blog/autoplay/). It installs no signal handlers: Chromium listens on a pipe and exits
 * when this process does, however that happens.
 *
 * @throws {EngineError} if no browser is found, or it does not start
 * @example
 * const { browser, close } = await launchChromium({ args: ['--window-size=800,600'] })
 * const page = await browser.newPage()
 * await close()
 */
export const launchChromium = async (options: LaunchOptions = {}): Promise<LaunchedBrowser> => {
  const executable = await findExecutable()
  const launch = (chromiumSandbox: boolean) =>
    chromium.launch({
      executablePath: executable.path,
      args: [...executable.args, '--autoplay-policy=no-user-gesture-required', ...(options.args ?? [])],
      ignoreDefaultArgs: [...(options.ignoreDefaultArgs ?? [])],
      env: { ...process.env, ...executable.env } as Record<string, string>,
      headless: true,
      chromiumSandbox,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
  const browser = await launchSandboxedIfPossible(launch).catch((cause: unknown) => {
    throw new EngineError(`Chromium (${executable.path}) did not start: ${messageOf(cause)}`, { cause })
  })
  const pid = await browserPid(browser)
  const close = async (): Promise<void> => {
    const closed = await settlesWithin(
      browser.close().catch(() => {}),
      CLOSE_TIMEOUT_MS,
    )
    if (!closed && pid !== null) kill(pid)
  }
  return { browser, pid, close }
}
