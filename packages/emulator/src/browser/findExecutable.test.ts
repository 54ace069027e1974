import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import chromiumPackage from '@sparticuz/chromium'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findExecutable, installedChrome, usableArgs } from './findExecutable.ts'
import { EngineError } from './recorder.ts'

let folder: string
let chrome: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'executable-test-'))
  chrome = join(folder, 'google-chrome')
  await writeFile(chrome, '')
  await chmod(chrome, 0o755)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('CHROMIUM_PATH comes first', async () => {
  const env = { CHROMIUM_PATH: join(folder, 'google-chrome'), PATH: '/usr/bin' }
  expect(await findExecutable(env)).toEqual({ path: chrome, args: [], env: {} })
})

test('a CHROMIUM_PATH that cannot be run is refused by name', async () => {
  const missing = join(folder, 'missing')
  await expect(findExecutable({ CHROMIUM_PATH: missing })).rejects.toThrow(EngineError)
  await expect(findExecutable({ CHROMIUM_PATH: missing })).rejects.toThrow(missing)
})

test('then a Chrome on the PATH', async () => {
  expect(installedChrome({ PATH: ['/nowhere', folder].join(delimiter) })).toBe(chrome)
})

test('flags made for Lambda are left out, the others kept', () => {
  const args = usableArgs(chromiumPackage.args)
  expect(args.join(' ')).not.toMatch(
    /single-process|no-sandbox|no-zygote|disable-web-security|headless|features/,
  )
  expect(args).toContain('--font-render-hinting=none')
})
