import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportedFunctions } from './exportedFunctions.ts'
import { type DocumentedPackage, PACKAGES } from './packages.ts'
import { createSnippetModules, type Snippet, type SnippetModules } from './snippets.ts'
import type { Stage } from './stage.ts'

// Runs the `@example`s in the doc comments of the functions that a package exports. To add a package, give it an
// entry in packages.ts and a module with the values that its examples may use (restCore.ts is one). An example is
// ordinary code: exports of its package need no import, `await` is allowed, and `expression // => value` asserts.

const isFunction = (value: unknown): boolean => typeof value === 'function' && !/^class\b/.test(String(value))

const functionsOf = ({ index, exports }: DocumentedPackage): ReturnType<typeof exportedFunctions> => {
  const names = Object.entries(exports).flatMap(([name, value]) => (isFunction(value) ? [name] : []))
  return exportedFunctions(join(import.meta.dirname, '../..', index), names)
}

for (const documented of PACKAGES) {
  const functions = await functionsOf(documented)
  const snippets: Snippet[] = functions.flatMap(({ name, examples }) =>
    examples.map((code, at) => ({ name: at === 0 ? name : `${name}${at + 1}`, code })),
  )

  describe(documented.name, () => {
    let modules: SnippetModules
    let stage: Stage

    beforeAll(async () => {
      stage = await documented.setUp()
      modules = await createSnippetModules(snippets, {
        packageName: documented.name,
        exported: Object.keys(documented.exports),
        namesModule: documented.namesModule,
        names: Object.keys(stage.names),
      })
      await stage.close()
    })

    afterAll(() => modules?.remove())

    test.runIf(documented.complete)('every exported function has an example', () => {
      expect(functions.filter(({ examples }) => examples.length === 0).map(({ name }) => name)).toEqual([])
    })

    test('the examples have no type errors', async () => {
      expect(await modules.check()).toBe('')
    })

    test.each(snippets)('the example of $name runs', async ({ name }) => {
      const example = await modules.load(name)
      stage = await documented.setUp()
      try {
        await stage.run(example(stage.names))
      } finally {
        await stage.close()
      }
    })
  })
}
