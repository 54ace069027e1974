import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessInfo {
  pid: number
  parent: number
  command: string
}

/** State of a process that has exited and that its parent has not waited for. */
const ZOMBIE = 'Z'

/** Reads /proc, because a small Linux machine may lack `ps`. */
const fromProc = (): ProcessInfo[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // State and parent follow the name in parentheses, which may contain anything.
      const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return state === ZOMBIE ? [] : [{ pid: Number(name), parent: Number(parent), command }]
    } catch {
      // The process exited while it was being read.
      return []
    }
  })

const fromPs = (): ProcessInfo[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
      if (command === undefined || state?.startsWith(ZOMBIE)) return []
      return [{ pid: Number(pid), parent: Number(parent), command }]
    })

/** Every running process of this machine. */
const processes = (): ProcessInfo[] => (process.platform === 'linux' ? fromProc() : fromPs())

/** All descendants of a process. */
export const descendants = (root: number): ProcessInfo[] => {
  const all = processes()
  const below = (pid: number): ProcessInfo[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)])
  return below(root)
}

/** The Chromium processes among all descendants of a process. */
export const chromiumBelow = (root: number): ProcessInfo[] =>
  descendants(root).filter(({ command }) => /chrom/i.test(command))

/** Those of the processes that are still running. */
export const alive = (pids: number[]): number[] => {
  const living = new Set(processes().map(({ pid }) => pid))
  return pids.filter((pid) => living.has(pid))
}
