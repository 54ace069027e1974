import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Builds the probe before any test, so that pages load the sources under test. */
export const setup = (): void => {
  const build = fileURLToPath(new URL('../packages/probe/build.ts', import.meta.url))
  execFileSync(process.execPath, [build], { stdio: ['ignore', 'ignore', 'inherit'] })
}
