import * as exported from '@stillrolling/client'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createDelivery, FAILED } from '../docComments/client.ts'
import { markdownSnippets } from '../docComments/markdownSnippets.ts'
import { createSnippetModules, type SnippetModules } from '../docComments/snippets.ts'
import type { Names } from './readmeNames.ts'

// Runs the examples of packages/client/README.md, with a reporter, an emulator and a page in a real Chromium.

const BLOCKS = ['record', 'lists', 'events', 'errors', 'receive'] as const

let testbed: Testbed
let modules: SnippetModules
const log = vi.spyOn(console, 'log').mockImplementation(() => {})

const createNames = (): Names => {
  const { reporterUrl, apiKey, pages } = testbed
  const client = exported.createClient({ url: reporterUrl, apiKey })
  const { signal } = new AbortController()
  const page = `${pages.url}/healthy.html`
  return { client, apiKey, page, lastEventId: '0', signal, ...createDelivery(FAILED) }
}

const run = async (name: (typeof BLOCKS)[number]): Promise<string[]> => {
  await (await modules.load(name))(createNames())
  return log.mock.calls.map((texts) => texts.join(' '))
}

beforeAll(async () => {
  testbed = await openTestbed()
  const blocks = await markdownSnippets('packages/client/README.md')
  expect(blocks).toHaveLength(BLOCKS.length)
  const inReader = (code: string): string => code.replace('https://reporter.example.com', testbed.reporterUrl)
  const answered = `${blocks[4]}\nexpect((await handle(request.clone())).status).toBe(204)\nexpect((await handle(new Request(request, { body: '{}', method: 'POST' }))).status).toBe(401)`
  modules = await createSnippetModules(
    BLOCKS.map((name, at) => ({ name, code: name === 'receive' ? answered : inReader(blocks[at] ?? '') })),
    {
      packageName: '@stillrolling/client',
      exported: Object.keys(exported),
      namesModule: '../../client/readmeNames.ts',
      names: Object.keys(createNames()),
    },
  )
})
afterEach(() => {
  log.mockClear()
})
afterAll(async () => {
  await modules?.remove()
  await testbed?.close()
})

test('the examples have no type errors', async () => {
  expect(await modules.check()).toBe('')
})

test('a page is recorded until it is stopped, and its files are listed', async () => {
  const printed = await run('record')
  expect(printed[0]).toMatch(/^[0-9a-f]{24} is recorded with the sid [0-9a-f]{32}$/)
  expect(printed.slice(1).join(' ')).toMatch(/\.m3u8/)
  expect(testbed.emulator.tasks()).toHaveLength(1)
})

test('a list is read, whole and page by page', async () => {
  const printed = await run('lists')
  expect(printed[0]).toMatch(/^[0-9a-f]{24} stopped/)
  expect(printed.at(-1)).toBe('0 are all')
})

test('events are followed from the first one on', async () => {
  const printed = await run('events')
  expect(printed[0]).toMatch(/^\d+ \S+Z [0-9a-f]{24} \w+ ./)
  expect(printed.length).toBeGreaterThan(2)
})

test('an error has a code', async () => {
  expect(await run('errors')).toEqual([expect.stringContaining('No recording has the id "none"')])
})

test('a delivery is received once, and what is not signed is answered 401', async () => {
  expect(await run('receive')).toEqual([expect.stringContaining('class42')])
})
