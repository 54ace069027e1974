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

/** The version of the installed @sparticuz/chromium, read from its file because package.json is not exported. */
const packageVersion = async (): Promise<string> => {
  const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'))
  const manifest = await readFile(join(dirname(entry), '..', 'package.json'), 'utf8')
  return manifestSchema.parse(JSON.parse(manifest)).version
}

/** Replaces the package's own fonts.conf, which lists /tmp/fonts only. */
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
 * Unpacks in a child process with a TMPDIR of its own: the package writes to os.tmpdir(), and reuses whatever files are
 * there, even incomplete ones or those of another version. AWS_EXECUTION_ENV makes it unpack the shared libraries (NSS,
 * expat) too, which a machine without any browser may lack.
 */
const unpackInto = async (folder: string): Promise<void> => {
  const script = `import chromium from ${JSON.stringify(import.meta.resolve('@sparticuz/chromium'))}
await chromium.executablePath()`
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
  })
}

/** Paths of the unpacked files. */
export interface Unpacked {
  executable: string
  libraries: string
  fontsConf: string
}

/**
 * Unpacks @sparticuz/chromium into a folder per version and user below the temp folder (about 210 MB, 2 s the first
 * time). Several processes may do this at the same time: each unpacks into a folder of its own, and the first one to
 * finish renames its folder to the final name.
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

  const ownFolder = await mkdtemp(`${folder}-`)
  try {
    await unpackInto(ownFolder)
    await writeFile(join(ownFolder, 'fonts.conf'), fontsConf(folder))
    await rename(ownFolder, folder).catch((error: unknown) => {
      // ENOTEMPTY or EEXIST: another process was first, and its files are the same.
      if (!existsSync(unpacked.executable)) throw error
    })
  } finally {
    await rm(ownFolder, { recursive: true, force: true })
  }
  return unpacked
}
