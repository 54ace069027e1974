import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ProcessStats } from './measureProcess.ts'

/** The reporter as a process of its own, which measures itself. */
export interface MeasuredReporter {
  pid: number
  /** What the process measured since the last call. */
  measure(): Promise<ProcessStats>
  /** Sends SIGTERM, as an operator would, and waits for the end. */
  stop(): Promise<void>
  kill(): void
}

const MAIN = fileURLToPath(import.meta.resolve('@stillrolling/reporter/main'))
const MEASURE = fileURLToPath(new URL('./measureProcess.ts', import.meta.url))
/** The reporter is ready once it has resumed every stored recording. */
const START_TIMEOUT_MS = 120_000

/** @throws if the reporter ends, or does not answer in time */
export const startMeasuredReporter = async (
  url: string,
  environment: Record<string, string>,
): Promise<MeasuredReporter> => {
  const { PATH = '' } = process.env
  const child = fork(MAIN, {
    env: { PATH, ...environment },
    execArgv: ['--expose-gc', '--import', MEASURE],
  })
  const exited = once(child, 'exit')
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(50)) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.ok) break
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error('The reporter did not start')
    }
  }
  return {
    pid: child.pid ?? -1,
    measure: async () => {
      child.send('measure')
      const [stats] = (await once(child, 'message')) as [ProcessStats]
      return stats
    },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
    kill: () => {
      child.kill('SIGKILL')
    },
  }
}
