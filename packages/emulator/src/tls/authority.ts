import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, link, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { rootCertificates } from 'node:tls'
import { AuthorityError } from './authorityError.ts'
import { createCaCertificate, createKey, createServerCertificate } from './certificates.ts'
import { NODE_HOOK } from './nodeHook.ts'

/** The certificate authority of the emulator, kept in a folder, so that clients need to be set up only once. */
export interface Authority {
  /** The authority's certificate alone, for clients that add it to those that they know. */
  caFile: string
  /** The same with the public authorities, for clients that replace those that they know. */
  bundleFile: string
  /** The module for `node --import`. */
  nodeHookFile: string
  /** Key and certificate of the server, made at each start and kept nowhere. */
  key: string
  certificate: string
}

const KEY_FILE = 'ca-key.pem'
const CA_FILE = 'ca.pem'
const BUNDLE_FILE = 'bundle.pem'
const NODE_HOOK_FILE = 'node.mjs'

/** A certificate that is about to expire is replaced. */
const MIN_REMAINING_MS = 30 * 86_400_000

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

const readIfPresent = async (file: string): Promise<string | null> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Readers see the old content or the new one, and never a part of it. */
const replaceFile = async (file: string, content: string): Promise<void> => {
  const scratch = await mkdtemp(`${file}.`)
  try {
    await writeFile(join(scratch, 'new'), content, { mode: 0o644 })
    await rename(join(scratch, 'new'), file)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

const writeIfDifferent = async (file: string, content: string): Promise<void> => {
  if ((await readIfPresent(file)) !== content) await replaceFile(file, content)
}

/** Writes the key unless there is one: of two emulators that start together, both use the first one's. */
const createKeyFile = async (file: string): Promise<void> => {
  const scratch = await mkdtemp(`${file}.`)
  try {
    await writeFile(join(scratch, 'new'), await createKey(), { mode: 0o600 })
    await link(join(scratch, 'new'), file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

const loadKey = async (file: string): Promise<string> => {
  if ((await readIfPresent(file)) === null) await createKeyFile(file)
  // Others who could read it could pretend to be Agora to whoever trusts the certificate.
  if (((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600)
  const key = await readFile(file, 'utf8')
  createPrivateKey(key)
  return key
}

const isUsable = (pem: string, key: string): boolean => {
  try {
    const certificate = new X509Certificate(pem)
    const remainingMs = Date.parse(certificate.validTo) - Date.now()
    return certificate.checkPrivateKey(createPrivateKey(key)) && remainingMs > MIN_REMAINING_MS
  } catch {
    return false
  }
}

/**
 * Loads the authority from a folder, and creates there what is missing. The private key can be read by its owner only.
 *
 * @throws {AuthorityError} for an error of the file system, or a key that is damaged
 */
export const loadAuthority = async (folder: string): Promise<Authority> => {
  const path = resolve(folder)
  try {
    return await load(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AuthorityError(`the certificates in ${path} cannot be used: ${reason}`, { cause })
  }
}

const load = async (folder: string): Promise<Authority> => {
  await mkdir(folder, { recursive: true })
  const caKey = await loadKey(join(folder, KEY_FILE))
  const caFile = join(folder, CA_FILE)
  const known = await readIfPresent(caFile)
  const ca = known !== null && isUsable(known, caKey) ? known : await createCaCertificate(caKey)
  await writeIfDifferent(caFile, ca)
  const bundleFile = join(folder, BUNDLE_FILE)
  await writeIfDifferent(bundleFile, `${[...rootCertificates, ca.trim()].join('\n')}\n`)
  const nodeHookFile = join(folder, NODE_HOOK_FILE)
  await writeIfDifferent(nodeHookFile, NODE_HOOK)
  const key = await createKey()
  return { caFile, bundleFile, nodeHookFile, key, certificate: await createServerCertificate(key, caKey) }
}
