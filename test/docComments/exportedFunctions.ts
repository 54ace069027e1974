import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A function that a package exports, with the examples of its doc comment. */
export interface ExportedFunction {
  name: string
  /** Path of the file that declares it. */
  file: string
  examples: string[]
}

/**
 * The functions that are exported by `names` and reachable from the package's index file.
 *
 * @param index path of the index file; only its own declarations and its relative re-exports are followed
 * @param names exported names to find; a class or a constant among them is an error of the caller
 * @throws Error for a name that is declared in no reachable file
 */
export const exportedFunctions = async (
  index: string,
  names: readonly string[],
): Promise<ExportedFunction[]> => {
  const sources = await reachableSources(index)
  return names.map((name) => {
    for (const [file, source] of sources) {
      const declared = source.search(declarationOf(name))
      if (declared >= 0) return { name, file, examples: examplesIn(docCommentBefore(source, declared)) }
    }
    throw new Error(`${index} exports ${name}, but no file that it re-exports declares it`)
  })
}

const declarationOf = (name: string): RegExp =>
  new RegExp(`^export (const|function|async function|function\\*|async function\\*) ${name}\\b`, 'm')

const reachableSources = async (
  file: string,
  found: Map<string, string> = new Map(),
): Promise<Map<string, string>> => {
  if (found.has(file)) return found
  const source = await readFile(file, 'utf8')
  found.set(file, source)
  for (const [, path = ''] of source.matchAll(/^export (?!type)[^;'"]*? from '(\.[^']+)'/gms)) {
    await reachableSources(join(dirname(file), path), found)
  }
  return found
}

/** The doc comment that ends right before `position`, or an empty text. */
const docCommentBefore = (source: string, position: number): string => {
  const before = source.slice(0, position).trimEnd()
  return before.endsWith('*/') ? before.slice(before.lastIndexOf('/**')) : ''
}

/** The code of each `@example`, up to the next tag; a code fence around it is dropped. */
const examplesIn = (docComment: string): string[] => {
  const text = docComment
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^ *\* ?/, ''))
    .join('\n')
  return text
    .split(/^(?=@\w)/m)
    .filter((tag) => tag.startsWith('@example'))
    .map((tag) =>
      tag
        .replace('@example', '')
        .replace(/^```\w*$/gm, '')
        .trim(),
    )
}
