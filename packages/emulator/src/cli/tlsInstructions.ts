import { pathToFileURL } from 'node:url'
import { AGORA_HOSTS } from '../tls/agoraHosts.ts'
import type { Emulator, EmulatorTls } from '../types.ts'

/** A word that a shell reads as it is. */
const quoted = (word: string): string =>
  /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/** How programs without a base URL are connected with the emulator: lines to paste, for each language. */
export const tlsInstructions = ({ url }: Pick<Emulator, 'url'>, tls: EmulatorTls): string => {
  const { host, hostname } = new URL(url)
  const proxy = `HTTPS_PROXY=http://${host}`
  const bundle = quoted(tls.bundleFile)
  const hook = `NODE_OPTIONS=${quoted(`--import=${pathToFileURL(tls.nodeHookFile)}`)}`
  return `Clients without a base URL, as Agora's own, find the emulator behind Agora's names:

  curl    ${proxy} curl --cacert ${quoted(tls.caFile)} https://api.agora.io/…
  Python  ${proxy} REQUESTS_CA_BUNDLE=${bundle} SSL_CERT_FILE=${bundle} python3 …
  Go      ${proxy} SSL_CERT_FILE=${bundle} go run …
  PHP     ${proxy} php -d curl.cainfo=${bundle} -d openssl.cafile=${bundle} …
  Node    AGORA_EMULATOR=${hostname}:${tls.port} NODE_EXTRA_CA_CERTS=${quoted(tls.caFile)} ${hook} node …

A client that asks for Agora's address before it connects (Agora's own do) needs the Internet for that, or this line in
/etc/hosts. With the line and --tls-port 443 no proxy is needed; both need root:

  ${hostname} ${AGORA_HOSTS.join(' ')}`
}
