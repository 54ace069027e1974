import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A file that ffmpeg has completed. */
export interface Segment {
  /** In ffmpeg's working folder. */
  name: string
  /** Seconds since the first picture. */
  start: number
  end: number
}

export interface FfmpegStart {
  executable: string
  args: string[]
  /** Working folder. */
  folder: string
  onSegment(segment: Segment): void
  /** Called once, after the last segment. `error` is the last thing that ffmpeg wrote to stderr; null if it exited with 0. */
  onExit(error: string | null): void
}

/** A running ffmpeg. It exits by itself when its stdin closes, so none outlives this process. */
export interface Ffmpeg {
  readonly pid: number | undefined
  /** True while pictures are waiting in memory: write no more until `drained`. */
  full(): boolean
  write(picture: Buffer): void
  /** Resolves when pictures can be written, immediately if ffmpeg has exited. */
  drained(): Promise<void>
  /** Ends the input. Resolves after `onExit`; an ffmpeg that hangs has to be killed. */
  finish(): Promise<void>
  /** Kills ffmpeg. Resolves after `onExit`. */
  kill(): Promise<void>
}

const MAX_STDERR_CHARACTERS = 2000

const parseSegment = (line: string): Segment | null => {
  const [, name = '', start, end] = /^([\w.]+),([\d.]+),([\d.]+)$/.exec(line) ?? []
  return name === '' ? null : { name, start: Number(start), end: Number(end) }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

export const startFfmpeg = ({ executable, args, folder, onSegment, onExit }: FfmpegStart): Ffmpeg => {
  const child = spawn(executable, args, {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C sends SIGINT to the terminal's whole process group; ffmpeg has to complete its files first. On Windows it
    // would open a console window.
    detached: process.platform !== 'win32',
  })
  let errors = ''
  let exited = false

  // First of all: an `error` without a listener would end this process.
  const closed = new Promise<void>((resolve) => {
    const end = (error: string | null): void => {
      if (exited) return
      exited = true
      onExit(error)
      resolve()
    }
    child.on('error', (error) => end(error.message))
    child.on('close', (code, signal) =>
      end(code === 0 ? null : lastLine(errors) || `ffmpeg ended with ${signal ?? `exit code ${code}`}`),
    )
  })

  const { stdin, stdout, stderr } = child
  stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-MAX_STDERR_CHARACTERS)
  })
  // EPIPE: ffmpeg has exited, which `close` reports.
  stdin.on('error', () => {})
  createInterface({ input: stdout }).on('line', (line) => {
    const segment = parseSegment(line)
    if (segment) onSegment(segment)
  })

  const kill = (): Promise<void> => {
    child.kill('SIGKILL')
    return closed
  }

  return {
    pid: child.pid,
    full: () => stdin.writableNeedDrain,
    write: (picture) => {
      if (!exited && stdin.writable) stdin.write(picture)
    },
    drained: () =>
      new Promise((resolve) => {
        if (exited || !stdin.writable || !stdin.writableNeedDrain) return resolve()
        stdin.once('drain', resolve)
        void closed.then(resolve)
      }),
    finish: () => {
      stdin.end()
      return closed
    },
    kill,
  }
}
