import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { alive, descendants } from './processTree.ts'

/** A script in a process of its own, as a user runs it. */
export interface RunningScript {
  child: ChildProcess
  output: { out: string; err: string }
  /** The exit code; null when a signal ended the process. */
  exit: Promise<number | null>
  /** Ids of all processes that were seen below it. */
  started: Set<number>
}

/** Starts a script. At the end of the test it is killed with all processes below it, if they still run. */
export const runScript = (file: string, args: string[], env: Record<string, string> = {}): RunningScript =>
  runCommand(process.execPath, [file, ...args], { env: { ...process.env, ...env } })

/** Starts a command, as `runScript` does a script. */
export const runCommand = (
  command: string,
  args: string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string },
): RunningScript => {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const started = new Set<number>()
  const watch = setInterval(() => {
    for (const pid of descendants(child.pid ?? -1)) started.add(pid)
  }, 200)
  const output = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.err += text
  })
  const exit = once(child, 'close').then(([code]: (number | null)[]) => code ?? null)
  onTestFinished(() => {
    clearInterval(watch)
    child.kill('SIGKILL')
    for (const pid of alive(started)) process.kill(pid, 'SIGKILL')
  })
  return { child, output, exit, started }
}

/** Those that still run after 2 s: Chromium's helpers end a moment after their browser. */
export const stillAlive = async (pids: Set<number>): Promise<number[]> => {
  for (let tries = 0; tries < 20 && alive(pids).length > 0; tries += 1) await sleep(100)
  return alive(pids)
}

/** @throws when the condition is not met within `seconds` */
export const until = async (condition: () => boolean, seconds: number): Promise<void> => {
  for (const deadline = Date.now() + seconds * 1000; !condition(); await sleep(100)) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${condition.toString()}`)
  }
}
