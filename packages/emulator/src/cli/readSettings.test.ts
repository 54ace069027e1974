import { describe, expect, test } from 'vitest'
import { FLAG_NAMES, FLAGS, HELP, spellingOf } from './flags.ts'
import { readSettings } from './readSettings.ts'

const start = (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const settings = readSettings(args, env)
  if (settings.do !== 'start') throw new Error(JSON.stringify(settings))
  return settings.options
}

test('every flag has a default', () => {
  expect(start([])).toEqual({
    port: 8787,
    host: '127.0.0.1',
    appId: 'emulator',
    customerId: 'emulator',
    customerSecret: 'emulator',
    notifications: undefined,
    browser: true,
    appCertificate: undefined,
    users: undefined,
    openDelay: undefined,
    exitDelay: undefined,
    fileDelay: undefined,
    concurrency: undefined,
    qps: undefined,
    hourSeconds: 3600,
    record: undefined,
    tls: undefined,
  })
})

test('a flag takes precedence over its environment variable', () => {
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

test('the flags about channels', () => {
  const hex = '0123456789abcdefABCDEF0123456789'
  const args = ['--users', '2', '--file-delay', '0.5', '--app-certificate', hex, '--app-id', hex]
  expect(start(args)).toMatchObject({ users: 2, fileDelay: 0.5, appCertificate: hex, appId: hex })
})

test('an App Certificate needs an App ID that can be in a token', () => {
  expect(readSettings(['--app-certificate', 'a'.repeat(32)], {})).toEqual({
    do: 'refuse',
    errors: ['EMULATOR_APP_ID must have 32 hexadecimal digits if there is an App Certificate'],
  })
})

describe('an error names the flag', () => {
  test.each<[string[], string]>([
    [['--port', 'x'], '--port'],
    [['--port', '70000'], '--port'],
    [['--port', '1.5'], '--port'],
    [['--host', ''], '--host'],
    [['--notify-url', 'here'], '--notify-url'],
    [['--open-delay=-1'], '--open-delay must be'],
    [['--users', '-1'], '--users'],
    [['--users', '1.5'], '--users must be'],
    [['--file-delay', 'x'], '--file-delay must be'],
    [['--app-certificate', 'short', '--app-id', 'a'.repeat(32)], '--app-certificate must have 32'],
    [['--port', ''], '--port must be'],
    [['--hour-seconds', '0'], '--hour-seconds'],
    [['--port'], '--port needs a value'],
    [['--notify-url', '--no-browser'], '--notify-url needs a value'],
    [['--open-delay', '-1'], '--open-delay must be a number from 0 to 86400'],
    [['--exit-delay', 'soon'], '--exit-delay must be a number from 0 to 86400'],
    [['--concurrency', '0'], '--concurrency must be a whole number from 1 to 100000'],
    [['--qps', '0'], '--qps must be a whole number from 1 to 100000, or none'],
    [['--qps', '2.5'], '--qps must be a whole number from 1 to 100000, or none'],
    [['--qps', ''], '--qps must be a whole number'],
    [['--prot=1'], '--prot is not a flag (did you mean --port?)'],
    [['--concurency=1'], '--concurency is not a flag (did you mean --concurrency?)'],
    [['--nobrowser'], '--nobrowser is not a flag (did you mean --no-browser?)'],
    [['--no-port'], '--no-port is not a flag (did you mean --port?)'],
    [['--no-browser=no'], '--no-browser takes no value'],
    [['--browser=maybe'], '--browser must be true or false'],
    [['--record', ''], '--record must not be empty'],
    [['--record-fps', '0'], '--record-fps must be a whole number from 1 to 30'],
    [['--record-size', '9999'], '--record-size must be a whole number from 16 to 1920'],
    [['--record-everything'], '--record-everything is not a flag'],
    [['-p'], '-p is not a flag'],
    [['start'], '"start" is not a flag: flags begin with --'],
  ])('%j', (args, named) => {
    const settings = readSettings(args, {})
    expect(settings).toMatchObject({ do: 'refuse', errors: [expect.stringContaining(named)] })
  })

  test('or the environment variable, and all errors are reported together', () => {
    expect(readSettings(['--port', 'x'], { EMULATOR_HOUR_SECONDS: 'y' })).toEqual({
      do: 'refuse',
      errors: [
        '--port must be a whole number from 0 to 65535',
        'EMULATOR_HOUR_SECONDS must be a number from 0.001 to 86400',
      ],
    })
  })
})

test('what is in the way of the limits can be set', () =>
  expect(start(['--exit-delay', '30', '--concurrency=1', '--qps', 'none'])).toMatchObject({
    exitDelay: 30,
    concurrency: 1,
    qps: null,
  }))

test('recordings are written with these settings', () => {
  const args = ['--record', 'files', '--record-fps=5', '--record-size=1280', '--ffmpeg', '/opt/ffmpeg']
  expect(start(args).record).toEqual({ directory: 'files', fps: 5, longestSide: 1280, ffmpeg: '/opt/ffmpeg' })
  expect(start([], { EMULATOR_RECORD: 'files' }).record).toEqual({ directory: 'files' })
})

test('the help has a line for every flag, which names its default', () => {
  for (const name of FLAG_NAMES) {
    const line = HELP.split('\n').find((each) => each.trimStart().startsWith(`${spellingOf(name)} `))
    expect(line, name).toMatch(/^ {2}--\S+( <\w+>)? +\w.+/)
    if (FLAGS[name].value) expect(line).toMatch(/\(default: .+\)$/)
  }
  expect(Math.max(...HELP.split('\n').map((line) => line.length))).toBeLessThanOrEqual(121)
})

test('--help takes precedence over errors in other flags', () =>
  expect(readSettings(['--help', '--port', 'x'], {})).toEqual({ do: 'help' }))
