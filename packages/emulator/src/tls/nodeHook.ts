import { AGORA_HOST } from './agoraHosts.ts'

/**
 * A module for `node --import`, which connects a Node program with the emulator at `AGORA_EMULATOR` whenever it connects
 * with Agora. Agora's client for Node asks a DNS server for the address and has an agent of its own, so that neither
 * /etc/hosts nor a proxy works. It runs in Node 18.19 and later.
 */
export const NODE_HOOK: string = `// Written by the emulator of Agora Cloud Recording. Use: AGORA_EMULATOR=host:port node --import=<this file>
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const [, address, port] = /^(?:https:\\/\\/)?\\[?(.+?)\\]?:(\\d+)$/.exec(process.env.AGORA_EMULATOR ?? '') ?? []
if (!address) throw new Error('AGORA_EMULATOR must be host:port of the emulator')

const isAgora = (host) => ${AGORA_HOST}.test(String(host))

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  // net.connect passes on its own normalized arguments as one array.
  const list = Array.isArray(args[0]) ? args[0] : args
  const options = list[0]
  if (typeof options === 'object' && options !== null && isAgora(options.host) && Number(options.port) === 443) {
    list[0] = { ...options, host: address, port: Number(port), lookup: undefined }
  }
  return connect.apply(this, args)
}

const LOOPBACK = '127.0.0.1'
const answerOf = (options) => (options?.ttl ? [{ address: LOOPBACK, ttl: 60 }] : [LOOPBACK])
for (const owner of [dns.Resolver.prototype, dns]) {
  const { resolve4 } = owner
  owner.resolve4 = function (host, ...rest) {
    if (!isAgora(host)) return resolve4.call(this, host, ...rest)
    process.nextTick(rest.at(-1), null, answerOf(rest[0]))
  }
}
for (const owner of [dns.promises.Resolver.prototype, dns.promises]) {
  const { resolve4 } = owner
  owner.resolve4 = async function (host, options) {
    return isAgora(host) ? answerOf(options) : resolve4.call(this, host, options)
  }
}
syncBuiltinESMExports()
`
