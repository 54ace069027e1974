import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createBrotliDecompress } from 'node:zlib'
import type { LaunchedBrowser } from '@stillrolling/emulator'
import { chromium } from 'playwright-core'

const run = promisify(execFile)
const require = createRequire(import.meta.url)

/** The old Chromiums in npm packages: the oldest one that the probe claims, and one in between. */
export type OldVersion = 92 | 106

/** Without a font the renderer crashes at the first text. */
const fontsConf = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${join(folder, '.fonts')}</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir></fontconfig>
`

const unpackInto = async (folder: string, version: OldVersion): Promise<void> => {
  const packed = (name: string) => require.resolve(`chromium-${version}/bin/${name}.br`)
  const unpack = (name: string) =>
    pipeline(
      createReadStream(packed(name)),
      createBrotliDecompress(),
      createWriteStream(join(folder, name), { mode: 0o755 }),
    )
  await unpack('chromium')
  await unpack('aws.tar')
  await run('tar', ['-xf', 'aws.tar'], { cwd: folder })
}

/** Unpacks a Chromium (about 170 MB) into a folder per version and user below the temp folder, once. */
const unpackOldChromium = async (version: OldVersion): Promise<string> => {
  const folder = join(tmpdir(), `stillrolling-chromium-${version}-${process.getuid?.() ?? 'user'}`)
  if (existsSync(folder)) return folder
  const ownFolder = await mkdtemp(`${folder}-`)
  try {
    await unpackInto(ownFolder, version)
    await writeFile(join(ownFolder, 'own-fonts.conf'), fontsConf(folder))
    await rename(ownFolder, folder).catch((error: unknown) => {
      // Another process was first, and its files are the same.
      if (!existsSync(join(folder, 'chromium'))) throw error
    })
  } finally {
    await rm(ownFolder, { recursive: true, force: true })
  }
  return folder
}

/** Launches an old Chromium, headless, in which media play without a user gesture. */
export const launchOldChromium = async (version: OldVersion): Promise<LaunchedBrowser> => {
  const folder = await unpackOldChromium(version)
  const browser = await chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: ['--autoplay-policy=no-user-gesture-required'],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [join(folder, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
      FONTCONFIG_FILE: join(folder, 'own-fonts.conf'),
    } as Record<string, string>,
    headless: true,
    chromiumSandbox: false,
  })
  return { browser, pid: null, close: () => browser.close() }
}
