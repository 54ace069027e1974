import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startEmulator } from './startEmulator.ts'
import { fakeClock } from './testing/fakeClock.ts'
import type { Emulator } from './types.ts'

// Sends the requests of the README's curl examples, which need the default settings of the command line.

const README = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const SETTINGS = { appId: 'emulator', customerId: 'emulator', customerSecret: 'emulator' }
const AUTHORIZATION = `Basic ${Buffer.from('emulator:emulator').toString('base64')}`

/** Path and body of each `curl <variable><path> -d '<body>'`, in order. */
const examples = (variable: string): { path: string; body: string }[] =>
  [...README.matchAll(/^.*curl (?:-su \S+ )?\$(\w+)(\/\S+) (?:\\\n +)?-d '([^']+)'/gm)]
    .filter(([, name]) => name === variable)
    .map(([, , path = '', body = '']) => ({ path, body }))

let emulator: Emulator
const clock = fakeClock()
beforeEach(async () => {
  emulator = await startEmulator({ ...SETTINGS, browser: false, clock })
})
afterEach(() => emulator.close())

const post = async (url: string, body: string) => {
  const response = await fetch(url, { method: 'POST', headers: { authorization: AUTHORIZATION }, body })
  return { status: response.status, text: await response.text() }
}

const startTask = async (): Promise<void> => {
  const [acquire, start] = examples('AGORA')
  const url = `${emulator.url}/v1/apps/emulator/cloud_recording`
  const acquired = await post(url + acquire?.path, acquire?.body ?? '')
  const { resourceId } = JSON.parse(acquired.text)
  const started = await post(url + start?.path.replace('$RESOURCE', resourceId), start?.body ?? '')
  expect(started).toMatchObject({ status: 200 })
  await clock.advance(0)
}

test('the requests that start a task are answered 200', async () => {
  await startTask()
  expect(emulator.tasks()).toMatchObject([{ state: 'recording', url: 'https://example.com/' }])
})

test('the faults and the commands are accepted, in their order', async () => {
  await startTask()
  const sid = emulator.tasks()[0]?.sid ?? ''
  const answers = []
  for (const { path, body } of examples('C')) {
    const { status } = await post(emulator.controlUrl + path.replace('$SID', sid), body)
    answers.push([path, status])
  }
  const faults = answers.filter(([path]) => path === '/faults')
  const commands = answers.filter(([path]) => path === '/tasks/$SID/commands')
  expect(faults).toEqual(Array(6).fill(['/faults', 201]))
  expect(commands).toEqual(Array(6).fill(['/tasks/$SID/commands', 204]))
})
