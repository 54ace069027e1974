import { spawn } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT, readDocuments, shellBlocksOf } from './documentedCommands.ts'
import { createShell } from './shell.ts'

const PLACEHOLDER = '…'

const documents = readDocuments()
const readme = documents.find(({ file }) => file === 'README.md')

/** The README's block that contains this text. */
const blockWith = (text: string): string => {
  const block = shellBlocksOf(readme ?? { file: '', lines: [] }).find((each) => each.includes(text))
  if (block === undefined) throw new Error(`no block of shell has ${text}`)
  return block
}

const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)

const shell = createShell()
const { home, environment, run: runShell } = shell
let testbed: Testbed

beforeAll(async () => {
  // docs/deliveries.md asks for a test of this destination.
  const backend = { name: 'backend', url: 'http://127.0.0.1:9/', secrets: [`whsec_${'A'.repeat(32)}`] }
  testbed = await openTestbed({
    emulator: { browser: false },
    environment: { DELIVERIES: JSON.stringify([backend]), DELIVERIES_ALLOW_PRIVATE: 'true' },
  })
})

afterAll(async () => {
  await testbed?.close()
  shell.remove()
})

test('the secrets are made once, and only their owner can read them', async () => {
  const block = blockWith('openssl')
  const files = ['token-secret', 'api-key'].map((name) => join(home, '.stillrolling', name))
  const contents = () => Promise.all(files.map((file) => readFile(file, 'utf8')))
  expect(runShell(block)).toEqual({ status: 0, stdout: '', stderr: '' })
  const first = await contents()
  for (const secret of first) expect(secret).toMatch(/^[0-9a-f]{64}\n$/)
  expect(runShell(block).status).toBe(0)
  expect(await contents()).toEqual(first)
  for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('the reporter starts with the settings for Agora, and accepts the API key from its file', async () => {
  const port = await freePort()
  const script = blockWith('reporter/src/main.ts')
    .replaceAll(PLACEHOLDER, 'copied-from-the-console')
    .replace('HOST=0.0.0.0', `HOST=127.0.0.1 PORT=${port} DATABASE_FILE=${join(home, 'agora.db')}`)
    .replace(/npx -y pnpm@12 build.*\n/, '')
    .replace('node_modules/.bin/node', 'exec node_modules/.bin/node')
  expect(script).toContain(`PORT=${port}`)
  expect(script).toMatch(/^exec node_modules/m)
  expect(script).not.toContain('pnpm@12')
  const child = spawn('sh', ['-eu', '-c', script], { cwd: ROOT, env: environment(), stdio: 'ignore' })
  try {
    const key = (await readFile(join(home, '.stillrolling/api-key'), 'utf8')).trim()
    const headers = { authorization: `Bearer ${key}` }
    const list = () => fetch(`http://127.0.0.1:${port}/v1/recordings`, { headers }).catch(() => undefined)
    await expect.poll(async () => (await list())?.status, { timeout: 20_000 }).toBe(200)
  } finally {
    child.kill('SIGKILL')
  }
})

test('the requests of "Your server" are accepted, and the first of them twice', async () => {
  const block = blockWith('curl')
    .replace('http://127.0.0.1:8080', testbed.reporterUrl)
    .replace(`API_KEY=${PLACEHOLDER}`, `API_KEY=${testbed.apiKey}`)
  const [create = ''] = block.match(/REPORTER=.*?}'\n/s) ?? []
  expect(runShell(create)).toMatchObject({ status: 0, stderr: '' })
  expect(runShell(block)).toMatchObject({ status: 0, stderr: '' })
  expect(await testbed.api.get('class42')).toMatchObject({ url: 'http://localhost:5173/room/42' })
})

test.each(
  documents
    // Those of docs/channels.md belong to the emulator that it starts: channelsDocument.test.ts.
    .filter(({ file }) => /^docs\/.*\.md$/.test(file) && file !== 'docs/channels.md')
    .flatMap((document) => shellBlocksOf(document).map((block) => ({ file: document.file, block })))
    .filter(({ block }) => block.includes('curl ')),
)('the requests of $file are accepted', ({ file, block }) => {
  const settings = `REPORTER=${testbed.reporterUrl} API_KEY=${testbed.apiKey}\n`
  const script = block
    .replaceAll('class42', file.replace(/\W/g, ''))
    // Without a browser no page loads, so nothing that is waited for happens.
    .replaceAll(/timeout=\d+/g, 'timeout=1')
    // Times of day are to come, whenever the test runs.
    .replaceAll(/\d{4}-\d\d-\d\d(?=T)/g, tomorrow)
  expect(runShell(settings + script)).toMatchObject({ status: 0, stderr: '' })
})

test('every call of the API that a document names exists', async () => {
  const { paths } = (await (await fetch(`${testbed.reporterUrl}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  const known = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const named = documents
    .filter(({ file }) => file.endsWith('.md') && file !== 'CHANGELOG.md')
    .flatMap(({ file, lines }) =>
      [...lines.join('\n').matchAll(/`(GET|POST|DELETE) (\/v1\/recordings[^`\s?]*)/g)].map(
        ([, method, path = '']) => ({
          file,
          call: `${method} ${path.replace(/^(\/v1\/recordings\/)[^/]+/, '$1{id}')}`,
        }),
      ),
    )
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter(({ call }) => !known.includes(call))).toEqual([])
})
