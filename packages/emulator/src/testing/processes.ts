import { execFileSync } from 'node:child_process'

export interface ProcessInfo {
  pid: number
  parent: number
  command: string
}

/** Every process of this machine but those that are dead and only wait to be collected. */
const processes = (): ProcessInfo[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, stat, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
      if (!pid || !parent || !stat || command === undefined || stat.startsWith('Z')) return []
      return [{ pid: Number(pid), parent: Number(parent), command }]
    })

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
