import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Measured } from './measured.ts'

/** The reporter as a process of its own, measured from within. */
export interface MeasuredReporter {
  pid: number
  /** Since the last time it was asked. */
  measure(): Promise<Measured>
  /** SIGTERM, as an operator would. */
  stop(): Promise<void>
  kill(): void
}

const MAIN = fileURLToPath(import.meta.resolve('@stillrolling/reporter/main'))
const MEASURED = fileURLToPath(new URL('./measured.ts', import.meta.url))
/** It takes up every recording that it finds before it listens. */
const START_TIMEOUT_MS = 120_000

/** @throws when it does not answer in time, or ends */
export const startMeasuredReporter = async (
  url: string,
  environment: Record<string, string>,
): Promise<MeasuredReporter> => {
  const { PATH = '' } = process.env
  const child = fork(MAIN, {
    env: { PATH, ...environment },
    execArgv: ['--expose-gc', '--import', MEASURED],
  })
  const exited = once(child, 'exit')
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(50)) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined)
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
      const [measured] = (await once(child, 'message')) as [Measured]
      return measured
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
