import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The built probe, as pages load it. */
export interface ProbeFiles {
  /** The script tag's file, served as /probe.js. Its content changes with the reporter's version. */
  script: string
  /** All files by a name that contains a hash of their content, so that the content never changes. */
  named: Map<string, string>
}

const DIST = new URL('.', import.meta.resolve('@stillrolling/probe/probe.iife.js'))

/**
 * Reads the probe's `dist`: the script tag's file, also as `probe.<hash>.js`, and `probe-watch.<hash>.js`, which the
 * former loads.
 * @throws {Error} if the probe is not built
 */
export const readProbeFiles = (): ProbeFiles => {
  const read = (name: string): string => readFileSync(fileURLToPath(new URL(name, DIST)), 'utf8')
  try {
    const script = read('probe.iife.js')
    const hash = createHash('sha256').update(script).digest('hex').slice(0, 8)
    const others = readdirSync(fileURLToPath(DIST)).filter((name) => /^probe.*\.(js|map)$/.test(name))
    const named = new Map(others.map((name) => [name, read(name)]))
    return { script, named: named.set(`probe.${hash}.js`, script) }
  } catch (error) {
    throw new Error(
      'The probe is not built. Run `npx -y pnpm@12 build`; `npx -y pnpm@12 start` builds it, too.',
      {
        cause: error,
      },
    )
  }
}
