import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { runCurl } from './curl.ts'
import { type RunningScript, runScript, stillAlive, until } from './runScript.ts'

const MAIN = fileURLToPath(import.meta.resolve('@stillrolling/examples/try/main'))

const runTry = (args: string[], folder = process.cwd()): RunningScript =>
  runScript(MAIN, args, { INIT_CWD: folder })

const makeFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'stillrolling-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The printed command below a line, or behind it. */
const commandOf = ({ output }: RunningScript, text: string): string => {
  const [, command] = new RegExp(`${text}:\\s+(curl .*)`).exec(output.out) ?? []
  if (command === undefined) throw new Error(`no command for "${text}" in\n${output.out}`)
  return command
}

test('an example page is recorded; the printed commands kill it and ask the reporter; Ctrl-C leaves no process', async () => {
  const running = runTry(['--json'])
  const { output } = running
  await until(() => output.out.includes('The page is being recorded'), 60)
  expect(output.out).toMatch(/<script src="http:\/\/127\.0\.0\.1:\d+\/probe\.js"><\/script>/)

  const answer = await runCurl(commandOf(running, 'Ask the reporter for the recording'))
  expect(await answer.json()).toMatchObject({ id: 'try1', state: 'rolling' })
  expect((await runCurl(commandOf(running, 'Kill the page, as a crash of its renderer would'))).ok).toBe(true)
  await until(() => output.out.includes('To kill the page of this attempt'), 40)
  expect(output.out, 'no colours when it is not a terminal').not.toContain('\u001b')

  running.child.kill('SIGINT')
  expect(await running.exit, output.out + output.err).toBe(0)
  expect(JSON.parse(output.out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    ok: true,
    id: 'try1',
    state: 'rolling',
    attempts: 2,
    reasons: ['page_silent'],
    diagnosis: null,
  })
  expect(output.err).toBe('')
  expect(running.started.size).toBeGreaterThan(2)
  expect(await stillAlive(running.started)).toEqual([])
})

test('a file without the script tag: it says within 30 s what is missing, and records the page once it has the tag', async () => {
  const folder = await makeFolder()
  const page = join(folder, 'my page.html')
  await writeFile(page, '<!doctype html><title>Mine</title><h1>Mine</h1>')
  const running = runTry(['my page.html', '--expect', 'h1', '--database', 'kept.db'], folder)
  const { output } = running
  await until(() => output.out.includes('has no script tag'), 60)
  const [before = ''] = output.out.split('has no script tag')
  const [, seconds] = [...before.matchAll(/([\d.]+) s {2}#1/g)].at(-1) ?? []
  expect(Number(seconds), output.out).toBeLessThan(30)

  const [, tag] = /The tag: (<script .*)/.exec(output.out) ?? []
  await writeFile(page, `<!doctype html><title>Mine</title>${tag}<h1>Mine</h1>`)
  await until(() => output.out.includes('The page is being recorded'), 60)
  running.child.kill('SIGTERM')
  expect(await running.exit, output.out + output.err).toBe(0)
  expect(output.out).toContain('The recording was rolling after 2 attempts; failed: stopped_by_agora.')
  expect(await stillAlive(running.started)).toEqual([])
})

test('an address where nothing listens: it says so, and --seconds ends with exit code 1', async () => {
  const running = runTry(['127.0.0.1:9/room', '--seconds', '8', '--json'])
  expect(await running.exit, running.output.out + running.output.err).toBe(1)
  const result = JSON.parse(running.output.out.trimEnd().split('\n').at(-1) ?? '')
  expect(result).toMatchObject({ ok: false, url: 'http://127.0.0.1:9/room' })
  expect(result.diagnosis).toContain('The page cannot be reached')
  expect(await stillAlive(running.started)).toEqual([])
})

test.each([
  [['page.html'], 'page.html is no file or folder of this machine, and an address begins with http://'],
  [['.'], 'The folder . has no index.html: name the file'],
  [['http://a.test/', 'http://b.test/'], 'One page at a time, got http://a.test/ and http://b.test/'],
  [['--port', '0'], '--port must be a whole number from 1 to 65535, got "0"'],
  [['--expct', 'h1'], "Unknown option '--expct'"],
])('%j is refused with a sentence and exit code 2', async (args, sentence) => {
  const { exit, output } = runTry(args, await makeFolder())
  expect(await exit).toBe(2)
  expect(output).toEqual({
    out: '',
    err: `${sentence}. \`npx -y pnpm@12 try --help\` lists the flags.\n`,
  })
})
