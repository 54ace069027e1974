import { spawnSync } from 'node:child_process'
import ffmpegInstaller from '@ffmpeg-installer/ffmpeg'

/** `FFMPEG_PATH`, else the ffmpeg that npm installed. */
export const FFMPEG: string = process.env.FFMPEG_PATH || ffmpegInstaller.path

/** A playlist that has not ended would be read for ever: ffmpeg waits for its next slice. */
const TIMEOUT_MS = 30_000

const run = (args: string[], input?: Buffer) => {
  const { stdout, stderr, status } = spawnSync(FFMPEG, ['-hide_banner', ...args], {
    input,
    maxBuffer: 64 * 1024 * 1024,
    timeout: TIMEOUT_MS,
  })
  return { stdout, stderr: stderr.toString(), status }
}

/** A picture of one colour, as ffmpeg names it: `red`, `0x20c060`. */
export const jpeg = (colour: string, size = '64x48'): Buffer => {
  const source = ['-f', 'lavfi', '-i', `color=${colour}:s=${size}`]
  const { stdout, stderr, status } = run([
    ...source,
    '-frames:v',
    '1',
    '-f',
    'mjpeg',
    '-loglevel',
    'error',
    '-',
  ])
  if (status !== 0) throw new Error(stderr)
  return stdout
}

export interface Decoded {
  /** What ffmpeg complained of while it decoded every frame and all of the sound; empty if the file is sound. */
  errors: string
  frames: number
  seconds: number
  width: number
  height: number
  hasSound: boolean
}

/** Decodes a whole file, or all slices of a playlist that has ended. */
export const decode = (path: string): Decoded => {
  const { stderr } = run(['-i', path, '-f', 'null', '-'])
  const errors = run(['-loglevel', 'warning', '-xerror', '-i', path, '-f', 'null', '-']).stderr
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(stderr) ?? []
  const [, width, height] = /Video: .*?, (\d+)x(\d+)/.exec(stderr) ?? []
  return {
    errors,
    frames: Number(/frame= *(\d+)/.exec(stderr)?.[1] ?? 0),
    seconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
    width: Number(width),
    height: Number(height),
    hasSound: /Audio: aac/.test(stderr),
  }
}

/** Red, green and blue, each from 0 to 255, of the picture's centre `at` seconds after the start. */
export const colourAt = (path: string, at: number): [number, number, number] => {
  const centre = ['-vf', 'crop=2:2,scale=1:1', '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']
  // After the input: decodes up to that time, which is exact.
  const { stdout, stderr } = run(['-loglevel', 'error', '-i', path, '-ss', String(at), ...centre])
  const [red, green, blue] = stdout
  if (red === undefined || green === undefined || blue === undefined) {
    throw new Error(`${path} has no picture ${at} s after its start: ${stderr}`)
  }
  return [red, green, blue]
}
