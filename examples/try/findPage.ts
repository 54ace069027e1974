import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'

/** The page to record: one at an address, one in a folder of this machine, or an example page. */
export type Page =
  | { kind: 'address'; url: string }
  | { kind: 'file'; folder: string; path: string }
  | { kind: 'example' }

/**
 * Finds out what a person means: nothing (an example page), an address, an HTML file, or a folder
 * with an `index.html`.
 * @param folder what a relative path is relative to
 * @throws with a sentence when it is none of them
 */
export const findPage = async (text: string | undefined, folder: string): Promise<Page> => {
  if (text === undefined) return { kind: 'example' }
  if (/^https?:\/\//i.test(text)) {
    if (!URL.canParse(text)) throw new Error(`${text} is not an address`)
    return { kind: 'address', url: text }
  }
  const path = resolve(folder, text)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile()) return { kind: 'file', folder: dirname(path), path: basename(path) }
  if (found?.isDirectory()) {
    const index = await stat(resolve(path, 'index.html')).catch(() => undefined)
    if (!index?.isFile()) throw new Error(`The folder ${text} has no index.html: name the file`)
    return { kind: 'file', folder: path, path: 'index.html' }
  }
  // `localhost:5173/room`: the scheme may be missing where there is a port.
  if (/^[\w.-]+:\d+(\/|$)/.test(text)) return { kind: 'address', url: `http://${text}` }
  throw new Error(`${text} is no file or folder of this machine, and an address begins with http://`)
}
