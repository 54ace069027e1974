import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

/** The commands of package.json that use readCommandLine, and the file that each runs last: arguments go to that one. */
const COMMANDS = Object.entries(scripts).flatMap(([name, script]) => {
  const file = script.match(/node (\S+\.ts)$/)?.[1]
  if (file === undefined || !/commandLine(.ts)?'/.test(readFileSync(join(ROOT, file), 'utf8'))) return []
  return [{ name, file }]
})

const run = (file: string, args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('the simulation and the benchmarks of the reporter are among the commands', () => {
  expect(COMMANDS.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['simulate', 'bench:load', 'bench:recovery']),
  )
})

test.each(COMMANDS)('$name --help prints how it is called, and ends with 0', ({ name, file }) => {
  const { status, stdout, stderr } = run(file, ['--help'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain(`npx -y pnpm@12 ${name}`)
  expect(stdout).toContain('--help')
})

test.each(COMMANDS)('$name with a mistyped flag prints one line, and ends with 2', ({ name, file }) => {
  expect(run(file, ['--mistyped'])).toEqual({
    status: 2,
    stdout: '',
    stderr: `Unknown option '--mistyped'. \`npx -y pnpm@12 ${name} --help\` lists the flags.\n`,
  })
})

test.each([
  ['simulate', '--seeds', 'many', 'a whole number of at least 1'],
  ['simulate', '--seed', '-1', ''],
  ['bench:load', '--recordings', '0', 'a whole number of at least 1'],
  ['bench:recovery', '--rounds', '1.5', 'a whole number of at least 1'],
])('%s %s %s prints one line, and ends with 2', (name, flag, value, range) => {
  const file = COMMANDS.find((command) => command.name === name)?.file ?? ''
  const { status, stdout, stderr } = run(file, [flag, value])
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^[^\n]+ lists the flags\.\n$/)
  expect(stderr).toContain(range && `${flag} must be ${range}, got "${value}"`)
})
