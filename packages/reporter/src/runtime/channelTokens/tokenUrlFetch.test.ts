import { isIPv6 } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openReceiver } from '../../testing/receiver.ts'
import type { TokenUrlReach } from '../../tokenUrlReach.ts'
import { fetchText } from '../fetchText.ts'
import type { Resolve } from '../sharedLookups.ts'
import { createTokenUrlFetch } from './tokenUrlFetch.ts'

const REFUSED = 'the address is not on the public internet, so nothing was sent'
const POST = { method: 'POST', headers: { 'webhook-id': 'msg_1' }, body: '{}' }

const resolvingTo =
  (...addresses: string[]): Resolve =>
  (_hostname, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
    )

describe('a tokenUrl', () => {
  test.each<[TokenUrlReach, string]>([
    ['private', '127.0.0.1'],
    ['loopback', '127.0.0.1'],
    ['loopback', 'app.test'],
  ])('in reach (%s) is asked at %s', async (reach, host) => {
    const receiver = await openReceiver()
    receiver.answerWith({ status: 200, body: '{"token":"007"}' })
    const send = createTokenUrlFetch(reach, resolvingTo('169.254.169.254', '127.0.0.1'))
    const { port } = new URL(receiver.url)
    expect(await fetchText(send, `http://${host}:${port}/token`, POST)).toBe('{"token":"007"}')
    expect(receiver.received).toMatchObject([
      { path: '/token', text: '{}', headers: { host: `${host}:${port}`, 'webhook-id': 'msg_1' } },
    ])
  })

  test.each<[TokenUrlReach, string, string]>([
    ['public', '127.0.0.1', '127.0.0.1'],
    ['public', 'app.test', '127.0.0.1'],
    ['public', 'app.test', '10.0.0.1'],
    ['loopback', 'app.test', '10.0.0.1'],
    ['private', '169.254.169.254', '127.0.0.1'],
    ['private', '[fd00:ec2::254]', '127.0.0.1'],
    ['private', 'app.test', '169.254.169.254'],
    ['private', 'app.test', '0.0.0.0'],
    ['private', 'app.test', '100.100.100.200'],
  ])('out of reach (%s) is not asked at %s, which is %s', async (reach, host, address) => {
    const receiver = await openReceiver()
    const send = createTokenUrlFetch(reach, resolvingTo(address))
    const { port } = new URL(receiver.url)
    await expect(fetchText(send, `http://${host}:${port}/token`, POST)).rejects.toThrow(REFUSED)
    expect(receiver.received).toEqual([])
  })
})
