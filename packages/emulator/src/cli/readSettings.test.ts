import { describe, expect, test } from 'vitest'
import { readSettings } from './readSettings.ts'

const start = (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const settings = readSettings(args, env)
  if (settings.do !== 'start') throw new Error(JSON.stringify(settings))
  return settings.options
}

test('works without any flag', () => {
  expect(start([])).toEqual({
    port: 8787,
    host: '127.0.0.1',
    appId: 'emulator',
    customerId: 'emulator',
    customerSecret: 'emulator',
    notifications: undefined,
    browser: true,
    openDelay: undefined,
    hourSeconds: 3600,
  })
})

test('takes flags, and behind them the environment', () => {
  const env = { EMULATOR_PORT: '1', EMULATOR_APP_ID: 'mine', EMULATOR_NOTIFY_SECRET: 's' }
  const args = [
    '--',
    '--port',
    '0',
    '--no-browser',
    '--notify-url',
    'http://127.0.0.1/n',
    '--hour-seconds',
    '0.5',
  ]
  expect(start(args, env)).toMatchObject({
    port: 0,
    appId: 'mine',
    browser: false,
    notifications: { url: 'http://127.0.0.1/n', secret: 's' },
    hourSeconds: 0.5,
  })
  expect(start([], { EMULATOR_BROWSER: 'false' }).browser).toBe(false)
})

describe('refuses', () => {
  test.each([
    [['--port', 'x'], '--port'],
    [['--port', '70000'], '--port'],
    [['--port', '1.5'], '--port'],
    [['--host', ''], '--host'],
    [['--notify-url', 'here'], '--notify-url'],
    [['--open-delay', '-1'], '--open-delay'],
    [['--hour-seconds', '0'], '--hour-seconds'],
    [['--prot', '1'], '--prot'],
  ])('%j', (args, named) => {
    const settings = readSettings(args, {})
    expect(settings).toMatchObject({ do: 'refuse', mistakes: [expect.stringContaining(named)] })
  })

  test('all mistakes at once', () => {
    expect(readSettings(['--port', 'x', '--hour-seconds', 'y'], {})).toMatchObject({
      mistakes: [{}, {}].map(() => expect.any(String)),
    })
  })
})

test('helps', () => expect(readSettings(['--help', '--port', 'x'], {})).toEqual({ do: 'help' }))
