import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A way to have a full disk. */
interface FullDisk {
  /** The command to start the process under, for the disk to be under this folder. */
  under(folder: string): string[]
  fill(pid: number, folder: string): void
  empty(pid: number, folder: string): void
}

/**
 * No file of the process may grow, nor be written to (RLIMIT_FSIZE): every write to its database fails. What it writes
 * into pipes and sockets goes on. It needs no privilege.
 */
export const fileLimit: FullDisk = {
  under: () => [],
  fill: (pid) => limitFiles(pid, '0'),
  empty: (pid) => limitFiles(pid, 'unlimited'),
}

const limitFiles = (pid: number, soft: string): void => {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:unlimited`])
}

const MOUNT = 'mount -t tmpfs -o size=4m none "$0" && exec "$@"'

/** A small file system, in a namespace of the process's own, with something in it that takes all that was free. */
const fullFileSystem: FullDisk = {
  under: (folder) => ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', MOUNT, folder],
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

/** The namespace is seen through one of its processes. */
const ballastOf = (pid: number, folder: string): string => join(`/proc/${pid}/root`, folder, 'ballast')

/** Whether this machine lets its users mount in a namespace of their own; many do, hardened ones do not. */
const mountsAreAllowed = (): boolean => {
  const [command = '', ...args] = fullFileSystem.under('/mnt')
  try {
    execFileSync(command, [...args, 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A full file system where one may be made, and elsewhere what is next to it. */
export const fullDisk: FullDisk = mountsAreAllowed() ? fullFileSystem : fileLimit
