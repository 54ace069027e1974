import { X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AGORA_HOST, AGORA_HOSTS } from './agoraHosts.ts'
import { loadAuthority } from './authority.ts'
import { AuthorityError } from './authorityError.ts'
import { createCaCertificate, createKey, createServerCertificate } from './certificates.ts'

let parent: string
let folder: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'emulator-authority-'))
  folder = join(parent, 'deep', 'folder')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const modeOf = async (name: string): Promise<number> => (await stat(join(folder, name))).mode & 0o777
const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')

test('the folder has the authority, a private key for its owner only, and nothing else', async () => {
  const { caFile } = await loadAuthority(folder)
  expect((await readdir(folder)).sort()).toEqual(['bundle.pem', 'ca-key.pem', 'ca.pem', 'node.mjs'])
  expect(caFile).toBe(join(folder, 'ca.pem'))
  expect(await modeOf('ca-key.pem')).toBe(0o600)
  expect(await modeOf('ca.pem')).toBe(0o644)
  const bundle = await read('bundle.pem')
  expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(rootCertificates.length + 1)
  expect(bundle).toContain((await read('ca.pem')).trim())
})

test('the authority is the same at the next start, and the server has another key', async () => {
  const first = await loadAuthority(folder)
  const ca = await read('ca.pem')
  const second = await loadAuthority(folder)
  expect(await read('ca.pem')).toBe(ca)
  expect(second.key).not.toBe(first.key)
})

test('emulators that start together have one authority', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => loadAuthority(folder)))
  const ca = new X509Certificate(await read('ca.pem'))
  for (const { certificate } of all) {
    expect(new X509Certificate(certificate).verify(ca.publicKey)).toBe(true)
  }
})

test('a key that others could read is closed to them', async () => {
  await loadAuthority(folder)
  await chmod(join(folder, 'ca-key.pem'), 0o644)
  await loadAuthority(folder)
  expect(await modeOf('ca-key.pem')).toBe(0o600)
})

test.each<[string, () => Promise<string>]>([
  ['is of another key', async () => createCaCertificate(await createKey())],
  ['is damaged', async () => 'no certificate'],
])('a certificate that %s is made anew', async (_, content) => {
  await loadAuthority(folder)
  await writeFile(join(folder, 'ca.pem'), await content())
  const { certificate } = await loadAuthority(folder)
  const ca = new X509Certificate(await read('ca.pem'))
  expect(new X509Certificate(certificate).verify(ca.publicKey)).toBe(true)
})

test('a damaged key is an error that names the folder, and is left alone', async () => {
  await loadAuthority(folder)
  await writeFile(join(folder, 'ca-key.pem'), 'no key')
  const error = await loadAuthority(folder).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(AuthorityError)
  expect(String(error)).toContain(folder)
  expect(await read('ca-key.pem')).toBe('no key')
})

test('the certificates cover every host of Agora and this machine, and no other', async () => {
  const caKey = await createKey()
  const ca = new X509Certificate(await createCaCertificate(caKey))
  const server = new X509Certificate(await createServerCertificate(await createKey(), caKey))
  expect([ca.ca, server.ca]).toEqual([true, false])
  expect(server.checkIssued(ca)).toBe(true)
  for (const host of [...AGORA_HOSTS, 'localhost']) expect(server.checkHost(host), host).toBeDefined()
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1')
  for (const host of ['agora.io.example', 'example.com', 'api.agora.com']) {
    expect(server.checkHost(host), host).toBeUndefined()
  }
})

test('hosts of the REST API are known by their form', () => {
  expect(AGORA_HOSTS).toHaveLength(20)
  expect(AGORA_HOSTS.filter((host) => !AGORA_HOST.test(host))).toEqual([])
  for (const host of ['API.agora.io', 'api-sa-east-1.sd-rtn.com']) expect(host).toMatch(AGORA_HOST)
  for (const host of ['agora.io', 'docs.agora.io', 'api.agora.io.evil.example', 'xapi.agora.io']) {
    expect(host).not.toMatch(AGORA_HOST)
  }
})
