import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exportedFunctions } from './exportedFunctions.ts'
import { createSnippetModules, type SnippetModules } from './snippets.ts'

let folder: string
let modules: SnippetModules | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doc-comments-'))
})

afterEach(async () => {
  await modules?.remove()
  await rm(folder, { recursive: true, force: true })
})

test('the examples of a function are found through re-exports, without their fences', async () => {
  await mkdir(join(folder, 'parts'))
  await writeFile(join(folder, 'index.ts'), `export {\n  add,\n  type Sum,\n} from './parts/add.ts'\n`)
  await writeFile(
    join(folder, 'parts/add.ts'),
    [
      '/** Not the comment of add. @example nothing() */',
      'const other = 1',
      '',
      '/**',
      ' * Adds.',
      ' *',
      ' * @example',
      ' * ```ts',
      ' * if (add(1, 2)) {',
      ' *   add(3, 4)',
      ' * }',
      ' * ```',
      ' * @example add(5, 6) // => 11',
      ' * @throws nothing',
      ' */',
      'export const add = (a: number, b: number): number => a + b',
    ].join('\n'),
  )
  const [found] = await exportedFunctions(join(folder, 'index.ts'), ['add'])
  expect(found?.examples).toEqual(['if (add(1, 2)) {\n  add(3, 4)\n}', 'add(5, 6) // => 11'])
})

test('a function without an example has none, and an undeclared one is an error', async () => {
  const index = join(folder, 'index.ts')
  await writeFile(index, '/** Has none. */\nexport function bare(): void {}\n')
  expect((await exportedFunctions(index, ['bare']))[0]?.examples).toEqual([])
  await expect(exportedFunctions(index, ['absent'])).rejects.toThrow('exports absent')
})

test('a snippet that does not hold fails, and one with a wrong type is named', async () => {
  const snippets = [
    { name: 'right', code: 'const known = stopCodeName(6) // => "recorder_error"\nknown.length // => 14' },
    { name: 'wrong', code: 'stopCodeName(6) // => "another name"' },
    { name: 'illTyped', code: 'stopCodeName({})' },
  ]
  modules = await createSnippetModules(snippets, {
    packageName: '@stillrolling/rest-core',
    exported: ['stopCodeName'],
    namesModule: '../restCore.ts',
    names: ['client'],
  })
  const [right, wrong] = await Promise.all([modules.load('right'), modules.load('wrong')])
  await expect(right({})).resolves.toBeUndefined()
  await expect(wrong({})).rejects.toThrow('another name')
  expect(await modules.check()).toMatch(/^illTyped\.ts\(\d+,\d+\): error TS2345/)
})
