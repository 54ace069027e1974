import { execFile } from 'node:child_process'
import { access, mkdir, readFile, realpath, symlink } from 'node:fs/promises'
import { basename, delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface Manifest {
  dependencies?: Record<string, string>
}

/**
 * Builds and packs a package of this repository, and unpacks it into a folder's node_modules with nothing but the
 * dependencies in its package.json.
 * @param name its folder in packages/
 * @returns its dependencies
 */
export const installPacked = async (name: string, folder: string): Promise<Record<string, string>> => {
  const source = join(import.meta.dirname, '../packages', name)
  await run('pnpm', ['build'], { cwd: source })
  const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', folder], { cwd: source })
  const { filename } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { filename: string }
  const place = join(folder, 'node_modules/@stillrolling', name)
  await mkdir(place, { recursive: true })
  await run('tar', ['-xzf', join(folder, basename(filename)), '-C', place, '--strip-components', '1'])
  const manifest = JSON.parse(await readFile(join(place, 'package.json'), 'utf8')) as Manifest
  const { dependencies = {} } = manifest
  for (const dependency of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', dependency)
    await mkdir(dirname(link), { recursive: true })
    await symlink(await realpath(join(source, 'node_modules', dependency)), link)
  }
  return dependencies
}

/** The machine's Node, which users of the package have. Scripts of this workspace find the workspace's Node first. */
export const machinesNode = async (): Promise<string> => {
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(place, 'node')
    if (!place.includes('node_modules') && (await exists(node))) return node
  }
  return process.execPath
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
