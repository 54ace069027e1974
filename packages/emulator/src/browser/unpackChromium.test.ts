import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

const run = promisify(execFile)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpack-chromium-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const unpack = async () => {
  const script = `import { unpackChromium } from ${JSON.stringify(new URL('./unpackChromium.ts', import.meta.url).href)}
console.log((await unpackChromium()).executable)`
  const env = { ...process.env, TMPDIR: folder }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env })
  return stdout.trim()
}

test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
  'processes that unpack at the same time share one complete Chromium and leave no other files',
  async () => {
    const [first, second] = await Promise.all([unpack(), unpack()])
    expect(second).toBe(first)
    expect((await run(first ?? '', ['--version'])).stdout).toMatch(/^Chromium \d+/)
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^stillrolling-chromium-[\d.]+-\w+$/)])
    expect(await unpack()).toBe(first)
  },
  // Unpacks 210 MB twice: 3 s on an idle machine, more while other tests run on the same two cores.
  60_000,
)
