import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { describeGitCommit, readGitCommit } from './gitCommit.ts'

/** An environment in which git neither reads the user's settings nor finds a repository above the folder. */
const ENV = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CEILING_DIRECTORIES: tmpdir() }

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'stillrolling-git-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const newRepository = async (): Promise<string> => {
  const folder = await newFolder()
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']
  execFileSync('git', ['init', '--quiet'], { cwd: folder, env: ENV })
  execFileSync('git', [...author, 'commit', '--quiet', '--allow-empty', '-m', 'First'], {
    cwd: folder,
    env: ENV,
  })
  return folder
}

test('a clean working tree is described by its commit', async () => {
  const folder = await newRepository()
  const commit = readGitCommit(folder, ENV)
  expect(commit).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{40,}$/), isDirty: false })
  expect(describeGitCommit(commit)).toBe(commit.hash)
})

test('a working tree with uncommitted changes is marked', async () => {
  const folder = await newRepository()
  await writeFile(join(folder, 'changed'), '')
  const commit = readGitCommit(folder, ENV)
  expect(commit.isDirty).toBe(true)
  expect(describeGitCommit(commit)).toBe(`${commit.hash} with uncommitted changes`)
})

test('the commit is unknown outside a repository, and on a machine without git', async () => {
  expect(describeGitCommit(readGitCommit(await newFolder(), ENV))).toBe('unknown')
  const repository = await newRepository()
  expect(describeGitCommit(readGitCommit(repository, { PATH: '/nowhere' }))).toBe('unknown')
})
