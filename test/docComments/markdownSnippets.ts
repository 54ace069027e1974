import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The code of every `ts` block of a document, in their order, without import lines: snippets import by themselves.
 *
 * @param path path of the document, from the repository's root
 */
export const markdownSnippets = async (path: string): Promise<string[]> => {
  const text = await readFile(join(import.meta.dirname, '../..', path), 'utf8')
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code.replace(/^import .*\n/gm, ''))
}
