import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const MODULE = import.meta.resolve('@stillrolling/examples/commandLine')

/** A command with each kind of flag; it prints what it was given. */
const SCRIPT = `
  import { readCommandLine } from ${JSON.stringify(MODULE)}
  const { values, positionals, numberOf } = readCommandLine({
    name: 'greet',
    help: 'Greets people.',
    options: { loud: { type: 'boolean' }, times: { type: 'string' } },
    allowPositionals: process.env.POSITIONALS === '1',
  })
  console.log(JSON.stringify([values.loud ?? false, numberOf('times', { min: 1, max: 9, fallback: 3 }), positionals]))
`

const greet = (args: string[], env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', SCRIPT, '--', 'greet.ts', ...args],
    { encoding: 'utf8', env: { ...process.env, ...env } },
  )
  return { status, out: stdout.trim(), err: stderr.trim() }
}

const HINT = '`npx -y pnpm@12 greet --help` lists the flags.'

test('flags are read, and missing ones have their defaults', () => {
  expect(greet([])).toEqual({ status: 0, out: '[false,3,[]]', err: '' })
  expect(greet(['--', '--loud', '--times', '5'])).toEqual({ status: 0, out: '[true,5,[]]', err: '' })
  expect(greet(['you'], { POSITIONALS: '1' }).out).toBe('[false,3,["you"]]')
})

test('--help ends with exit code 0, whatever else is given', () => {
  expect(greet(['--help'])).toEqual({ status: 0, out: 'Greets people.', err: '' })
  expect(greet(['-h', '--times', 'x'])).toMatchObject({ status: 0, out: 'Greets people.' })
})

test.each([
  [['--lout'], "Unknown option '--lout'"],
  [['you'], "Unexpected argument 'you'"],
  [['--times'], "Option '--times <value>' argument missing"],
  [['--times', 'x'], '--times must be a whole number from 1 to 9, got "x"'],
  [['--times', '0'], '--times must be a whole number from 1 to 9, got "0"'],
  [['--times', '1.5'], '--times must be a whole number from 1 to 9, got "1.5"'],
  [['--times', ''], '--times must be a whole number from 1 to 9, got ""'],
])('%j ends with a sentence and exit code 2', (args, sentence) => {
  expect(greet(args)).toEqual({ status: 2, out: '', err: `${sentence}. ${HINT}` })
})
