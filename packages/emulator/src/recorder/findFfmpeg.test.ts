import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FFMPEG } from '../testing/ffmpeg.ts'
import { findFfmpeg } from './findFfmpeg.ts'
import { RecorderSetupError } from './recorder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-ffmpeg-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A program that lists these encoders, as ffmpeg does. */
const fakeFfmpeg = async (name: string, encoders: string[]): Promise<string> => {
  const path = join(folder, name)
  const lines = encoders.map((encoder) => `echo ' V....D ${encoder}    an encoder'`)
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'))
  await chmod(path, 0o755)
  return path
}

const refusal = (given: string | undefined, env: NodeJS.ProcessEnv): string => {
  try {
    return `found ${findFfmpeg(given, env)}`
  } catch (error) {
    if (!(error instanceof RecorderSetupError)) throw error
    return error.message
  }
}

test('the given one goes before FFMPEG_PATH, and that before PATH', async () => {
  const onPath = join(folder, 'ffmpeg')
  await symlink(FFMPEG, onPath)
  const other = await fakeFfmpeg('other', ['libx264', 'aac'])
  const path = ['', '/nowhere', folder].join(delimiter)
  expect(findFfmpeg(FFMPEG, { FFMPEG_PATH: other, PATH: path })).toBe(FFMPEG)
  expect(findFfmpeg(undefined, { FFMPEG_PATH: other, PATH: path })).toBe(other)
  expect(findFfmpeg(undefined, { FFMPEG_PATH: '', PATH: path })).toBe(onPath)
})

test('a refusal says what to install', async () => {
  const install = /Install ffmpeg \(apt install ffmpeg, .*--ffmpeg or FFMPEG_PATH/
  const cases: [string, string][] = [
    [refusal(undefined, {}), 'recording needs ffmpeg, and none was found.'],
    [
      refusal('/nowhere/ffmpeg', {}),
      'recording needs ffmpeg, and /nowhere/ffmpeg is not an executable file.',
    ],
    [refusal(undefined, { FFMPEG_PATH: folder }), 'does not run as ffmpeg.'],
    [refusal(await fakeFfmpeg('free', ['mpeg4', 'aac']), {}), 'lacks the encoder libx264.'],
    [refusal(await fakeFfmpeg('bare', ['libx264rgb']), {}), 'lacks the encoder libx264 and aac.'],
  ]
  for (const [message, reason] of cases) {
    expect(message).toContain(reason)
    expect(message).toMatch(install)
  }
})
