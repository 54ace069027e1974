import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A reporter in a process of its own, as an operator runs it. */
export interface ReporterProcess {
  readonly pid: number
  /** The end of what it has written to stdout and stderr, for error messages. */
  output(): string
  /** Sends SIGTERM, and SIGKILL if it has not ended within 15 s. */
  stop(): Promise<void>
  /** Sends SIGKILL, as a crash would end it. */
  kill(): Promise<void>
}

export interface ReporterProcessOptions {
  /** Command that the reporter is started with, and its arguments, e.g. one that limits its files. It must `exec`. */
  wrapper?: readonly string[]
  /**
   * Gives the process a group of its own, so that Ctrl-C in a terminal reaches only the parent, which then ends the
   * reporter in order. @default false
   */
  ownGroup?: boolean
}

const MAIN = fileURLToPath(import.meta.resolve('@stillrolling/reporter/main'))
const START_TIMEOUT_MS = 20_000
const STOP_TIMEOUT_MS = 15_000
const MAX_OUTPUT_CHARACTERS = 8000

/**
 * Starts a reporter and waits until `/readyz` says that it supervises its recordings.
 * @throws with the reporter's output when it ends, or does not answer within 20 s
 */
export const startReporterProcess = async (
  url: string,
  environment: Record<string, string>,
  { wrapper = [], ownGroup = false }: ReporterProcessOptions = {},
): Promise<ReporterProcess> => {
  const { PATH = '' } = process.env
  const [command = process.execPath, ...args] = [...wrapper, process.execPath, MAIN]
  const child = spawn(command, args, {
    env: { PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT_CHARACTERS)
    })
  }
  const exited = once(child, 'exit')
  if (!(await answers(url, child))) {
    child.kill('SIGKILL')
    throw new Error(`The reporter did not start:\n${output}`)
  }
  return {
    pid: child.pid ?? -1,
    output: () => output,
    stop: async () => {
      if (hasEnded(child)) return
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await exited
      clearTimeout(force)
    },
    kill: async () => {
      if (hasEnded(child)) return
      child.kill('SIGKILL')
      await exited
    },
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const answers = async (url: string, child: ChildProcess): Promise<boolean> => {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline && !hasEnded(child)) {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined)
    if (answer?.ok) return true
    await sleep(50)
  }
  return false
}
