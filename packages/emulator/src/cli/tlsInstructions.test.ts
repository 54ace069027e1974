import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { AGORA_HOSTS } from '../tls/agoraHosts.ts'
import { tlsInstructions } from './tlsInstructions.ts'

const files = (folder: string) => ({
  port: 8443,
  caFile: `${folder}/ca.pem`,
  bundleFile: `${folder}/bundle.pem`,
  nodeHookFile: `${folder}/node.mjs`,
})

const instructions = (folder: string) => tlsInstructions({ url: 'http://127.0.0.1:8787' }, files(folder))

test('there is a line to paste for each language, and one for /etc/hosts', () => {
  const lines = instructions('/certs').split('\n')
  const proxy = 'HTTPS_PROXY=http://127.0.0.1:8787'
  const bundle = '/certs/bundle.pem'
  expect(lines.filter((line) => /^ {2}[A-Za-z]+ {2}/.test(line))).toEqual([
    `  curl    ${proxy} curl --cacert /certs/ca.pem https://api.agora.io/…`,
    `  Python  ${proxy} REQUESTS_CA_BUNDLE=${bundle} SSL_CERT_FILE=${bundle} python3 …`,
    `  Go      ${proxy} SSL_CERT_FILE=${bundle} go run …`,
    `  PHP     ${proxy} php -d curl.cainfo=${bundle} -d openssl.cafile=${bundle} …`,
    '  Node    AGORA_EMULATOR=127.0.0.1:8443 NODE_EXTRA_CA_CERTS=/certs/ca.pem NODE_OPTIONS=--import=file:///certs/node.mjs node …',
  ])
  expect(lines.at(-1)).toBe(`  127.0.0.1 ${AGORA_HOSTS.join(' ')}`)
})

test('a folder whose name a shell would split is quoted', () => {
  const folder = "/my folder/it's"
  const line = instructions(folder)
    .split('\n')
    .find((each) => each.includes('Node '))
  const command = line?.replace(/^ +Node +/, '').replace(' node …', ' env') ?? ''
  const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
  expect(stdout).toContain(`NODE_EXTRA_CA_CERTS=${folder}/ca.pem\n`)
  expect(stdout).toContain("NODE_OPTIONS=--import=file:///my%20folder/it's/node.mjs\n")
})
