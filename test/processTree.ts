import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

interface Process {
  pid: number
  parent: number
  /** Has exited, and its parent has not waited for it yet. */
  zombie: boolean
}

/** All processes of this machine. Reads /proc if there is one, because small containers have no `ps`. */
const processes = (): Process[] => (existsSync('/proc/self/stat') ? fromProc() : fromPs())

const fromProc = (): Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // pid (name) state parent …; the name may contain spaces and parentheses.
        const [state = '', parent = ''] =
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
        return [{ pid: Number(pid), parent: Number(parent), zombie: state === 'Z' }]
      } catch {
        return [] // The process exited while it was being read.
      }
    })

const fromPs = (): Process[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', parent = '', state = ''] = line.trim().split(/\s+/)
      return { pid: Number(pid), parent: Number(parent), zombie: state.startsWith('Z') }
    })

/** Ids of all descendants of a process. */
export const descendants = (root: number): number[] => {
  const all = processes()
  const below = (parent: number): number[] =>
    all.filter((one) => one.parent === parent).flatMap(({ pid }) => [pid, ...below(pid)])
  return below(root)
}

/** Those of the processes that are still running. */
export const alive = (pids: Iterable<number>): number[] => {
  const running = new Set(processes().flatMap(({ pid, zombie }) => (zombie ? [] : [pid])))
  return [...pids].filter((pid) => running.has(pid))
}
