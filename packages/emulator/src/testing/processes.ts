import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessInfo {
  pid: number
  parent: number
  command: string
}

/** Dead, and waiting only for its parent to take note. */
const ZOMBIE = 'Z'

/** From /proc, because a small Linux machine may lack `ps`. */
const fromProc = (): ProcessInfo[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // The name in parentheses may hold anything; behind it stand state and parent.
      const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return state === ZOMBIE ? [] : [{ pid: Number(name), parent: Number(parent), command }]
    } catch {
      // It ended while it was being read.
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

/** Every process of this machine that lives. */
const processes = (): ProcessInfo[] => (process.platform === 'linux' ? fromProc() : fromPs())

/** The Chromium processes below a process, however deep. */
export const chromiumBelow = (root: number): ProcessInfo[] => {
  const all = processes()
  const below = (pid: number): ProcessInfo[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)])
  return below(root).filter(({ command }) => /chrom/i.test(command))
}

/** Those of them that still live. */
export const alive = (pids: number[]): number[] => {
  const living = new Set(processes().map(({ pid }) => pid))
  return pids.filter((pid) => living.has(pid))
}
