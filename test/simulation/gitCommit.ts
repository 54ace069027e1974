import { execFileSync } from 'node:child_process'

/** A seed runs the same way only on the same code, so every failure names the commit. */
export interface GitCommit {
  /** The full hash; null without git, or outside a repository. */
  hash: string | null
  /** There are changes that are not committed. */
  isDirty: boolean
}

/** Reads the commit that is checked out in a folder. */
export const readGitCommit = (
  folder: string = import.meta.dirname,
  env: NodeJS.ProcessEnv = process.env,
): GitCommit => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: folder,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  try {
    return { hash: git('rev-parse', 'HEAD'), isDirty: git('status', '--porcelain') !== '' }
  } catch {
    return { hash: null, isDirty: false }
  }
}

export const describeGitCommit = ({ hash, isDirty }: GitCommit): string =>
  `${hash ?? 'unknown'}${isDirty ? ' with uncommitted changes' : ''}`
