import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** A piece of code from a document, and where it stands, for messages. */
export interface Snippet {
  /** A valid file name and unique in its set: the name of the module that is made of it. */
  name: string
  code: string
}

/** What the snippets of one document may use without declaring it. */
export interface SnippetScope {
  /** The package that they import from, e.g. `@stillrolling/rest-core`. */
  packageName: string
  /** Everything that the package exports at run time. */
  exported: readonly string[]
  /** Type names that they may use. */
  exportedTypes?: readonly string[]
  /** Path of a module that exports the type `Names`: values that are declared outside of the snippet. */
  namesModule: string
  names: readonly string[]
}

/** Modules that were made of snippets. */
export interface SnippetModules {
  /** Type-checks all of them. Resolves to the compiler's messages, empty if there are none. */
  check(): Promise<string>
  /** The code of one, to be called with these values; it returns what the snippet returns. */
  load(name: string): Promise<(names: object) => Promise<unknown>>
  remove(): Promise<void>
}

/**
 * Writes a module for each snippet, into a folder beside this file that git and the other tools ignore.
 * `expression // => value` in a snippet asserts that both are equal.
 */
export const createSnippetModules = async (
  snippets: readonly Snippet[],
  scope: SnippetScope,
): Promise<SnippetModules> => {
  const folder = await mkdtemp(join(import.meta.dirname, '.generated-'))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  for (const { name, code } of snippets) await writeFile(join(folder, `${name}.ts`), moduleOf(code, scope))
  return {
    check: () => typeErrorsIn(folder),
    load: async (name) => (await import(join(folder, `${name}.ts`))).default,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

const TSCONFIG = {
  extends: join(root, 'tsconfig.base.json'),
  compilerOptions: {
    noEmit: true,
    declaration: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    lib: ['es2024', 'dom', 'dom.iterable'],
    typeRoots: [join(root, 'node_modules/@types')],
  },
  include: ['*.ts'],
} as const

const moduleOf = (code: string, scope: SnippetScope): string => {
  // A property is no use of the name, a spread is.
  const used = (name: string): boolean => new RegExp(`(?<!\\w|(?<!\\.\\.)\\.)${name}\\b`).test(code)
  const types = (scope.exportedTypes ?? []).filter(used).map((name) => `type ${name}`)
  return [
    `import { expect } from 'vitest'`,
    `import { ${[...scope.exported.filter(used), ...types].join(', ')} } from '${scope.packageName}'`,
    `import type { Names } from '${scope.namesModule}'`,
    `export default async ({ ${scope.names.filter(used).join(', ')} }: Names) => {`,
    // A block of its own: a snippet may declare what is also among the names.
    `{\n${withAssertions(code)}\n}`,
    '}',
    '',
  ].join('\n')
}

const withAssertions = (code: string): string =>
  code
    .replace(/^( *)const (\w+) = (.+) \/\/ => (.+)$/gm, '$1const $2 = $3\n$1expect($2).toEqual($4)')
    .replace(/^( *)(.+) \/\/ => (.+)$/gm, '$1expect($2).toEqual($3)')

const typeErrorsIn = async (folder: string): Promise<string> => {
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    await run(process.execPath, [tsc, '--project', folder, '--pretty', 'false'], { cwd: folder })
    return ''
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
  }
}
