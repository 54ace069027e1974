import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'

const run = promisify(execFile)

const manifestSchema = z.object({ version: z.string() })

/** The version of the installed @sparticuz/chromium; its package.json is not among its exports. */
const packageVersion = async (): Promise<string> => {
  const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'))
  const manifest = await readFile(join(dirname(entry), '..', 'package.json'), 'utf8')
  return manifestSchema.parse(JSON.parse(manifest)).version
}

/** The package's own fonts.conf looks in /tmp/fonts only. */
const fontsConf = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <dir>${join(folder, 'fonts', 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`

/**
 * Unpacks in a process of its own, because the package writes wherever os.tmpdir() points and takes what already
 * lies there, finished or not, of whatever version. The Lambda name makes it unpack the shared libraries as well
 * (NSS, expat), which a machine without any browser may not have.
 */
const unpackInto = async (folder: string): Promise<void> => {
  const script = `import chromium from ${JSON.stringify(import.meta.resolve('@sparticuz/chromium'))}
await chromium.executablePath()`
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
  })
}

export interface Unpacked {
  executable: string
  libraries: string
  fontsConf: string
}

/**
 * Chromium out of @sparticuz/chromium, in a folder of its own per version and user below the temp folder (about
 * 210 MB, 2 s the first time). Any number of processes may do this at once: each unpacks aside and the first to
 * finish moves its folder into place as a whole.
 */
export const unpackChromium = async (): Promise<Unpacked> => {
  const name = `stillrolling-chromium-${await packageVersion()}-${process.getuid?.() ?? 'user'}`
  const folder = join(tmpdir(), name)
  const unpacked: Unpacked = {
    executable: join(folder, 'chromium'),
    libraries: join(folder, 'al2023', 'lib'),
    fontsConf: join(folder, 'fonts.conf'),
  }
  if (existsSync(folder)) return unpacked

  const aside = await mkdtemp(`${folder}-`)
  try {
    await unpackInto(aside)
    await writeFile(join(aside, 'fonts.conf'), fontsConf(folder))
    await rename(aside, folder).catch((error: unknown) => {
      // Another process was first: ENOTEMPTY or EEXIST. What it put there is the same.
      if (!existsSync(unpacked.executable)) throw error
    })
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  return unpacked
}
