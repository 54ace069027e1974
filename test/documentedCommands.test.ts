import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bareCommandsOf, commandsOf, ROOT, readDocuments, shellBlocksOf } from './documentedCommands.ts'

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}
const NAMES = Object.keys(scripts)
/** Commands of pnpm itself. */
const OF_PNPM = ['exec', 'install']
const documents = readDocuments().filter(({ file }) => file !== 'test/documentedCommands.ts')
const commands = documents.flatMap(commandsOf)

/** What `--help` prints, for the scripts that run a file of ours; others belong to tools. */
const helpOf = (name: string): string | undefined => {
  const file = scripts[name]?.match(/node (\S+\.ts)$/)?.[1]
  if (file === undefined) return undefined
  const { status, stdout } = spawnSync(process.execPath, [file, '--help'], { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? stdout : ''
}

const FLAG = /--[a-z][a-z-]*/g

test('documents name many commands', () => {
  expect(commands.length).toBeGreaterThan(20)
  expect(new Set(commands.map(({ name }) => name))).toContain('try')
})

test('every command that a document or a message names exists', () => {
  const unknown = commands.filter(({ name }) => ![...NAMES, ...OF_PNPM].includes(name))
  expect(unknown).toEqual([])
})

test.each([...new Set(commands.map(({ name }) => name))])('every flag beside `%s` is in its help', (name) => {
  const help = helpOf(name)
  if (help === undefined) return
  const known = new Set(help.match(FLAG))
  const unknown = commands
    .filter((command) => command.name === name)
    .flatMap(({ where, args }) => (args.join(' ').match(FLAG) ?? []).map((flag) => ({ where, flag })))
    .filter(({ flag }) => !known.has(flag))
  expect(unknown, help).toEqual([])
})

test('every command works on a machine that has Node 20 and npm, and neither pnpm nor Node 24', () => {
  expect(documents.flatMap((document) => bareCommandsOf(document, NAMES))).toEqual([])
})

test.each([
  ['a script that does not exist', 'npx -y pnpm@12 trie http://a.test', [], ['trie']],
  ['pnpm alone', 'run `pnpm demo`', ['x.md:1: run `pnpm demo`'], []],
  ['node with TypeScript', 'node bench/main.ts', ['x.md:1: node bench/main.ts'], []],
  ['npx without -y, which asks first', 'npx pnpm@12 demo', ['x.md:1: npx pnpm@12 demo'], ['demo']],
  ['a command that works', 'npx -y pnpm@12 exec node a.ts', [], ['exec']],
])('is found: %s', (_, line, bare, names) => {
  const document = { file: 'x.md', lines: [line] }
  expect(bareCommandsOf(document, NAMES)).toEqual(bare)
  expect(commandsOf(document).map(({ name }) => name)).toEqual(names)
})

test('blocks of shell are found', () => {
  expect(shellBlocksOf({ file: 'x.md', lines: ['```sh', 'one', 'two', '```', '```ts', 'x', '```'] })).toEqual(
    ['one\ntwo\n'],
  )
})
