import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const run = (file: string, args: string[]) => {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
    encoding: 'utf8',
    env: {},
  })
  return { status, stdout, stderr }
}

describe.each([
  [
    'main.ts',
    'npx -y pnpm@12 start',
    'The reporter takes no flags but --help; environment variables configure it.',
  ],
  ['backupCommand.ts', 'npx -y pnpm@12 backup FILE', '`npx -y pnpm@12 backup --help` describes the command.'],
])('%s', (file, command, advice) => {
  test('--help prints how it is called, and ends with 0', () => {
    const { stdout, ...ended } = run(file, ['--', '--help'])
    expect(ended).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(command)
  })

  test('a mistyped flag prints one line, and ends with 2', () => {
    const stderr = `Unknown option '--mistyped'. ${advice}\n`
    expect(run(file, ['--mistyped'])).toEqual({ status: 2, stdout: '', stderr })
  })
})

test('the reporter takes no other arguments, and a backup takes one file', () => {
  expect(run('main.ts', ['file']).stderr).toMatch(/^Unexpected argument 'file'\. The reporter takes no flags/)
  for (const files of [[], ['one', 'two']]) {
    const stderr = 'Name one file: npx -y pnpm@12 backup FILE\n'
    expect(run('backupCommand.ts', files)).toEqual({ status: 2, stdout: '', stderr })
  }
})
