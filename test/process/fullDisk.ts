import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A way to make the disk of a process full. */
interface FullDisk {
  /** The command that starts the process, so that its disk is mounted at this folder. */
  wrapper(folder: string): string[]
  fill(pid: number, folder: string): void
  empty(pid: number, folder: string): void
}

/**
 * Limits the size of the process's files to 0 (RLIMIT_FSIZE), so that every write to its database fails. Pipes and
 * sockets are not affected. It needs no privileges.
 */
export const fileLimit: FullDisk = {
  wrapper: () => [],
  fill: (pid) => limitFiles(pid, '0'),
  empty: (pid) => limitFiles(pid, 'unlimited'),
}

const limitFiles = (pid: number, soft: string): void => {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:unlimited`])
}

const MOUNT = 'mount -t tmpfs -o size=4m none "$0" && exec "$@"'

/** Mounts a small file system in a namespace of the process, and fills it with a file. */
const fullFileSystem: FullDisk = {
  wrapper: (folder) => ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', MOUNT, folder],
  fill: (pid, folder) => {
    const ballast = openSync(ballastOf(pid, folder), 'a')
    const chunk = Buffer.alloc(64 * 1024)
    try {
      for (;;) writeSync(ballast, chunk)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(ballast)
    }
  },
  empty: (pid, folder) => rmSync(ballastOf(pid, folder)),
}

/** The mount is visible through a process in its namespace. */
const ballastOf = (pid: number, folder: string): string => join(`/proc/${pid}/root`, folder, 'ballast')

/** Whether users may mount in a namespace of their own: hardened machines do not allow it. */
const canMount = (): boolean => {
  const [command = '', ...args] = fullFileSystem.wrapper('/mnt')
  try {
    execFileSync(command, [...args, 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A full file system, or where that is not possible the file limit. */
export const fullDisk: FullDisk = canMount() ? fullFileSystem : fileLimit
