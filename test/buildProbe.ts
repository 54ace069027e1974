import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Before any test: the bundle that pages load is built from the sources that are tested. */
export const setup = (): void => {
  const build = fileURLToPath(new URL('../packages/probe/build.ts', import.meta.url))
  execFileSync(process.execPath, [build], { stdio: ['ignore', 'ignore', 'inherit'] })
}
