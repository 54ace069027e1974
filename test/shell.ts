import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { ROOT } from './documentedCommands.ts'

/** A shell for the scripts of documents, with a home folder of its own. */
export interface Shell {
  home: string
  /** No variable of ours, and a stand-in for curl, so that the scripts run where there is none. */
  environment(): NodeJS.ProcessEnv
  /** Runs a script until its first error. */
  run(script: string): { status: number | null; stdout: string; stderr: string }
  remove(): void
}

export const createShell = (): Shell => {
  const home = mkdtempSync(join(tmpdir(), 'stillrolling-'))
  mkdirSync(join(home, 'bin'))
  const curl = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'test/curlCommand.ts')}' "$@"\n`
  writeFileSync(join(home, 'bin/curl'), curl, { mode: 0o755 })
  const path = [join(home, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter)
  const environment = () => ({ HOME: home, PATH: path })
  return {
    home,
    environment,
    run: (script) => {
      const options = { cwd: ROOT, env: environment(), encoding: 'utf8' } as const
      const { status, stdout, stderr } = spawnSync('sh', ['-eu', '-c', script], options)
      return { status, stdout, stderr }
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}
