import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import chromiumPackage from '@sparticuz/chromium'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findExecutable, installedChrome, usableArgs } from './findExecutable.ts'
import { EngineError } from './pageOpener.ts'

let folder: string
let chrome: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'executable-test-'))
  chrome = join(folder, 'google-chrome')
  await writeFile(chrome, '')
  await chmod(chrome, 0o755)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('CHROMIUM_PATH takes precedence', async () => {
  const env = { CHROMIUM_PATH: join(folder, 'google-chrome'), PATH: '/usr/bin' }
  expect(await findExecutable(env)).toEqual({ path: chrome, args: [], env: {} })
})

test('the error names a CHROMIUM_PATH that is not executable', async () => {
  const missing = join(folder, 'missing')
  await expect(findExecutable({ CHROMIUM_PATH: missing })).rejects.toThrow(EngineError)
  await expect(findExecutable({ CHROMIUM_PATH: missing })).rejects.toThrow(missing)
})

test('a Chrome on the PATH is found', async () => {
  expect(installedChrome({ PATH: ['/nowhere', folder].join(delimiter) })).toBe(chrome)
})

test('flags that suit only Lambda are left out, the others are kept', () => {
  const args = usableArgs(chromiumPackage.args)
  expect(args.join(' ')).not.toMatch(
    /single-process|no-sandbox|no-zygote|disable-web-security|headless|features/,
  )
  expect(args).toContain('--font-render-hinting=none')
})
