import { describe, expect, test } from 'vitest'
import type { FaultKind } from './fault.ts'
import { climb, createHosts, ladderOf, ladderOfUrls, type Rung, WINNER_STAYS_MS } from './hosts.ts'

const hostsOf = (rungs: readonly Rung[]): string[] => rungs.map(({ base }) => base.replace('https://', ''))

describe('the ladder of an area', () => {
  test.each([
    ['NA', ['api.agora.io', 'api.agora.io', 'api.sd-rtn.com', 'api-us-west-1.agora.io']],
    ['EU', ['api.agora.io', 'api.agora.io', 'api.sd-rtn.com', 'api-eu-west-1.agora.io']],
    ['AP', ['api.agora.io', 'api.agora.io', 'api.sd-rtn.com', 'api-ap-northeast-1.agora.io']],
    ['CN', ['api.sd-rtn.com', 'api.sd-rtn.com', 'api.agora.io', 'api-cn-north-1.sd-rtn.com']],
    [undefined, ['api.agora.io', 'api.agora.io', 'api.sd-rtn.com']],
  ] as const)('%s', (area, order) => {
    expect(hostsOf(ladderOf(area))).toEqual(order)
  })
})

describe('what comes after the primary', () => {
  const roles = (fault: FaultKind | undefined, rungs = ladderOf('EU').slice(2)): string[] =>
    climb(rungs, fault).map(({ role }) => role)

  test('a gateway or DNS fault: the alternate domain', () => {
    for (const fault of [undefined, 'dns'] as const) expect(roles(fault)).toEqual(['alternate', 'adjacent'])
  })
  test('a network fault: the adjacent region', () => {
    for (const fault of ['refused', 'reset', 'timeout', 'tls', 'truncated', 'other'] as const) {
      expect(roles(fault)).toEqual(['adjacent', 'alternate'])
    }
  })
  test('without an area there is only the alternate domain', () => {
    expect(roles('reset', ladderOf(undefined).slice(2))).toEqual(['alternate'])
  })
  test('the primary is tried again whatever the fault', () => {
    expect(roles('reset', ladderOf('EU').slice(1))).toEqual(['primary', 'alternate', 'adjacent'])
  })
  test('given hosts keep their order', () => {
    const rungs = ladderOfUrls(['http://one.test/', 'http://two.test'])
    expect(climb(rungs, 'reset')).toEqual(rungs)
    expect(hostsOf(rungs)).toEqual(['http://one.test', 'http://two.test'])
  })
})

describe('the winner', () => {
  const [primary, , alternate, adjacent] = ladderOf('EU') as [Rung, Rung, Rung, Rung]

  test('changes places with the primary for five minutes', () => {
    const hosts = createHosts(ladderOf('EU'))
    hosts.won(alternate, 1000)
    expect(hosts.rungs(1000)).toEqual([alternate, alternate, primary, adjacent])
    expect(hosts.rungs(1000 + WINNER_STAYS_MS - 1)[0]).toEqual(alternate)
    expect(hosts.rungs(1000 + WINNER_STAYS_MS)).toEqual(ladderOf('EU'))
    expect(WINNER_STAYS_MS).toBe(300_000)
  })
  test('does not stay longer by answering more', () => {
    const hosts = createHosts(ladderOf('EU'))
    hosts.won(adjacent, 0)
    hosts.won(adjacent, 200_000)
    expect(hosts.rungs(WINNER_STAYS_MS)[0]).toEqual(primary)
    hosts.won(adjacent, WINNER_STAYS_MS)
    expect(hosts.rungs(WINNER_STAYS_MS)).toEqual([adjacent, adjacent, alternate, primary])
  })
  test('is forgotten when the primary answers, and when nobody does', () => {
    const hosts = createHosts(ladderOf('EU'))
    hosts.won(alternate, 0)
    hosts.won(primary, 1)
    expect(hosts.rungs(1)[0]).toEqual(primary)
    hosts.won(alternate, 2)
    hosts.lost()
    expect(hosts.rungs(2)[0]).toEqual(primary)
  })
  test('a later winner takes its place', () => {
    const hosts = createHosts(ladderOf('EU'))
    hosts.won(alternate, 0)
    hosts.won(adjacent, 1)
    expect(hosts.rungs(1)[0]).toEqual(adjacent)
  })
})
