import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A reporter in a process of its own, as an operator runs it. */
export interface ReporterProcess {
  readonly pid: number
  /** What it has said last, for when something goes wrong. */
  said(): string
  /** SIGTERM, as an operator would; SIGKILL when it does not end. */
  stop(): Promise<void>
  /** SIGKILL: what a crash is like. */
  kill(): Promise<void>
}

const MAIN = fileURLToPath(import.meta.resolve('@stillrolling/reporter/main'))
const START_TIMEOUT_MS = 20_000
const STOP_TIMEOUT_MS = 15_000
const KEPT_CHARACTERS = 8000

/**
 * Starts a reporter and waits until it answers.
 * @param under a command that starts it with `exec`, with its arguments
 * @throws with its last words when it ends or does not answer in time
 */
export const startReporterProcess = async (
  url: string,
  environment: Record<string, string>,
  under: readonly string[] = [],
): Promise<ReporterProcess> => {
  const { PATH = '' } = process.env
  const [command = process.execPath, ...args] = [...under, process.execPath, MAIN]
  const child = spawn(command, args, {
    env: { PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let words = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-KEPT_CHARACTERS)
    })
  }
  const exited = once(child, 'exit')
  if (!(await answers(url, child))) {
    child.kill('SIGKILL')
    throw new Error(`The reporter did not start:\n${words}`)
  }
  return {
    pid: child.pid ?? -1,
    said: () => words,
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
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined)
    if (answer?.ok) return true
    await sleep(50)
  }
  return false
}
