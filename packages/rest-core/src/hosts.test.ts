import { describe, expect, test } from 'vitest'
import type { FaultKind } from './fault.ts'
import {
  agoraHosts,
  createHosts,
  givenHosts,
  type HostCandidate,
  nextHosts,
  STICKY_HOST_MS,
} from './hosts.ts'

const hostsOf = (hosts: readonly HostCandidate[]): string[] =>
  hosts.map(({ base }) => base.replace('https://', ''))

describe('the hosts of an area', () => {
  test.each([
    ['NA', ['api.agora.io', 'api.agora.io', 'api.sd-rtn.com', 'api-us-west-1.agora.io']],
    ['EU', ['api.agora.io', 'api.agora.io', 'api.sd-rtn.com', 'api-eu-west-1.agora.io']],
    ['AP', ['api.agora.io', 'api.agora.io', 'api.sd-rtn.com', 'api-ap-northeast-1.agora.io']],
    ['CN', ['api.sd-rtn.com', 'api.sd-rtn.com', 'api.agora.io', 'api-cn-north-1.sd-rtn.com']],
    [undefined, ['api.agora.io', 'api.agora.io', 'api.sd-rtn.com']],
  ] as const)('%s', (area, order) => {
    expect(hostsOf(agoraHosts(area))).toEqual(order)
  })
})

describe('the next host', () => {
  const roles = (fault: FaultKind | undefined, hosts = agoraHosts('EU').slice(2)): string[] =>
    nextHosts(hosts, fault).map(({ role }) => role)

  test('after a gateway or DNS fault it is the alternate domain', () => {
    for (const fault of [undefined, 'dns'] as const) expect(roles(fault)).toEqual(['alternate', 'adjacent'])
  })
  test('after a network fault it is the adjacent region', () => {
    for (const fault of ['refused', 'reset', 'timeout', 'tls', 'truncated', 'other'] as const) {
      expect(roles(fault)).toEqual(['adjacent', 'alternate'])
    }
  })
  test('without an area there is only the alternate domain', () => {
    expect(roles('reset', agoraHosts(undefined).slice(2))).toEqual(['alternate'])
  })
  test('the primary is tried twice, whatever the fault', () => {
    expect(roles('reset', agoraHosts('EU').slice(1))).toEqual(['primary', 'alternate', 'adjacent'])
  })
  test('given hosts keep their order', () => {
    const hosts = givenHosts(['http://one.test/', 'http://two.test'])
    expect(nextHosts(hosts, 'reset')).toEqual(hosts)
    expect(hostsOf(hosts)).toEqual(['http://one.test', 'http://two.test'])
  })
})

describe('the sticky host', () => {
  const [primary, , alternate, adjacent] = agoraHosts('EU') as [
    HostCandidate,
    HostCandidate,
    HostCandidate,
    HostCandidate,
  ]

  test('swaps places with the primary for five minutes', () => {
    const hosts = createHosts(agoraHosts('EU'))
    hosts.reportSuccess(alternate, 1000)
    expect(hosts.candidates(1000)).toEqual([alternate, alternate, primary, adjacent])
    expect(hosts.candidates(1000 + STICKY_HOST_MS - 1)[0]).toEqual(alternate)
    expect(hosts.candidates(1000 + STICKY_HOST_MS)).toEqual(agoraHosts('EU'))
    expect(STICKY_HOST_MS).toBe(300_000)
  })
  test('does not stay longer because it answers more often', () => {
    const hosts = createHosts(agoraHosts('EU'))
    hosts.reportSuccess(adjacent, 0)
    hosts.reportSuccess(adjacent, 200_000)
    expect(hosts.candidates(STICKY_HOST_MS)[0]).toEqual(primary)
    hosts.reportSuccess(adjacent, STICKY_HOST_MS)
    expect(hosts.candidates(STICKY_HOST_MS)).toEqual([adjacent, adjacent, alternate, primary])
  })
  test('is forgotten when the primary answers, and when no host does', () => {
    const hosts = createHosts(agoraHosts('EU'))
    hosts.reportSuccess(alternate, 0)
    hosts.reportSuccess(primary, 1)
    expect(hosts.candidates(1)[0]).toEqual(primary)
    hosts.reportSuccess(alternate, 2)
    hosts.reportFailure()
    expect(hosts.candidates(2)[0]).toEqual(primary)
  })
  test('is replaced by another host that answers', () => {
    const hosts = createHosts(agoraHosts('EU'))
    hosts.reportSuccess(alternate, 0)
    hosts.reportSuccess(adjacent, 1)
    expect(hosts.candidates(1)[0]).toEqual(adjacent)
  })
})
