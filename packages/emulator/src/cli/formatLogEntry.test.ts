import { expect, test } from 'vitest'
import { createTestBench } from '../testing/client.ts'
import type { EmulatorLogEntry } from '../types.ts'
import { formatLogEntry, inColour, withoutColour } from './formatLogEntry.ts'

test('a refused call says what is wrong with it', async () => {
  const lines: string[] = []
  const { acquire, emulator } = await createTestBench({
    log: (entry) => lines.push(formatLogEntry(entry, withoutColour)),
  })
  await acquire({ scene: 'web' })
  await emulator.close()
  expect(lines[0]?.slice('00:00:00 '.length)).toBe(
    'call    acquire class42/900001 400 2 Acquire: invalid scene value!: ' +
      'clientRequest.scene Invalid input: expected number, received string',
  )
})

test('each log entry is one line, without secrets and without the query of the page URL', async () => {
  const entries: EmulatorLogEntry[] = []
  const { run, on, emulator, clock } = await createTestBench({ log: (entry) => entries.push(entry) })
  emulator.injectFault({
    on: 'call',
    call: 'query',
    then: { status: 504, code: 62, reason: 'request timeout' },
  })
  const task = await run()
  await on(task, 'query')
  await on(task, 'stop', { async_stop: true })
  await clock.advance(1)
  await emulator.close()

  const lines = entries.map((entry) => formatLogEntry(entry, withoutColour))
  const sid = task.sid.slice(0, 8)
  expect(lines.map((line) => line.slice('00:00:00 '.length))).toEqual([
    'fault   created fault1: query {"status":504,"code":62,"reason":"request timeout"}',
    'call    acquire class42/900001 200',
    `call    start class42/900001 ${sid} 200`,
    `notify  40 class42 ${sid} not sent, no --notify-url`,
    `task    class42/900001 ${sid} opening the page`,
    `task    class42/900001 ${sid} page opened`,
    `notify  70 class42 ${sid} not sent, no --notify-url`,
    `task    class42/900001 ${sid} recording`,
    `call    query class42/900001 ${sid} 504 62 request timeout (fault1)`,
    `task    class42/900001 ${sid} stopping, code 0 ok: stopped by the user`,
    `notify  71 class42 ${sid} not sent, no --notify-url`,
    `call    stop class42/900001 ${sid} 200`,
    `notify  31 class42 ${sid} not sent, no --notify-url`,
    `notify  11 class42 ${sid} not sent, no --notify-url`,
    `task    class42/900001 ${sid} ended`,
  ])
  expect(lines.join('\n')).not.toMatch(/access key|secret key|token=private/)
  expect(entries.map((entry) => formatLogEntry(entry, inColour)).join()).toContain('\u001b[31m504')
})
