import { TOKEN_PARAMETER } from '@stillrolling/probe/types'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AttemptId, signToken, verifyToken, withToken } from './token.ts'

const KEY = 'a-key-of-this-reporter'
const ID: AttemptId = { recordingId: 'class42', attempt: 7, nonce: 'mjuxy2o0' }
const TOKEN = signToken(ID, KEY)
const SIGNATURE = TOKEN.slice(TOKEN.lastIndexOf('.') + 1)

describe('a token', () => {
  test('names its attempt, and signing it again gives the same token', () => {
    expect(TOKEN).toMatch(/^v1\.class42-7-mjuxy2o0\.[A-Za-z0-9_-]{43}$/)
    expect(signToken(ID, KEY)).toBe(TOKEN)
    expect(verifyToken(TOKEN, [KEY])).toEqual(ID)
  })

  test('verifies after a rotation as long as its secret is configured', () => {
    expect(verifyToken(TOKEN, ['a-newer-key', KEY])).toEqual(ID)
    expect(verifyToken(TOKEN, ['a-newer-key'])).toBeUndefined()
    expect(verifyToken(TOKEN, [])).toBeUndefined()
  })

  test('of an earlier version has no nonce', () => {
    const former = signToken({ ...ID, nonce: null }, KEY)
    expect(former).toMatch(/^v1\.class42-7\.[A-Za-z0-9_-]{43}$/)
    expect(verifyToken(former, [KEY])).toEqual({ ...ID, nonce: null })
  })

  test('of a fenced page begins with v1f, which is signed, too', () => {
    const fenced = signToken(ID, KEY, { fence: true })
    expect(fenced).toMatch(/^v1f\.class42-7-mjuxy2o0\.[A-Za-z0-9_-]{43}$/)
    expect(verifyToken(fenced, [KEY])).toEqual(ID)
    expect(verifyToken(fenced.replace('v1f', 'v1'), [KEY])).toBeUndefined()
    expect(verifyToken(TOKEN.replace('v1', 'v1f'), [KEY])).toBeUndefined()
  })

  test('names a standby', () => {
    const standby = { ...ID, recordingId: `${'x'.repeat(64)}~standby` }
    const token = signToken(standby, KEY)
    expect(verifyToken(token, [KEY])).toEqual(standby)
    expect(new URL(withToken('https://page.test/', token)).search).toBe(`?${TOKEN_PARAMETER}=${token}`)
  })

  test('names one attempt only, whatever dashes and digits its id and its nonce have', () => {
    const part = fc.stringMatching(/^[a1]{0,2}([-_][1-9a]){0,3}$/)
    const attempts = fc.record({
      recordingId: fc
        .tuple(fc.constantFrom('a', '1'), part, fc.constantFrom('', '~standby'))
        .map((parts) => parts.join('')),
      attempt: fc.integer({ min: 1, max: 12 }),
      nonce: fc.stringMatching(/^[1a]{1,2}$/),
    })
    fc.assert(
      fc.property(attempts, (attempt) => {
        expect(verifyToken(signToken(attempt, KEY), [KEY])).toEqual(attempt)
      }),
    )
  })

  test('without a nonce is not made for an id that no earlier version knew: it would name another attempt', () => {
    expect(() => signToken({ recordingId: 'class-1', attempt: 2, nonce: null }, KEY)).toThrow('need a nonce')
  })

  const forged: [string, string][] = [
    ['the standby of its recording', TOKEN.replace('class42', 'class42~standby')],
    ['nothing', ''],
    ['another version', TOKEN.replace('v1', 'v2')],
    ['another recording', TOKEN.replace('class42', 'class43')],
    ['another attempt', TOKEN.replace('-7', '-8')],
    ['another nonce', TOKEN.replace('mjuxy2o0', 'mjuxy2o1')],
    ['no nonce', TOKEN.replace('-mjuxy2o0', '')],
    ['an attempt with a leading zero', TOKEN.replace('-7', '-07')],
    ['attempt 0', TOKEN.replace('-7', '-0')],
    ['a borrowed digit', TOKEN.replace('class42-7', 'class4-27')],
    ['no signature', TOKEN.replace(SIGNATURE, '')],
    ['half a signature', TOKEN.slice(0, -20)],
    ['one character more', `${TOKEN}A`],
    ['a changed character', TOKEN.replace(SIGNATURE, flipped(SIGNATURE))],
    ['another id with "_"', TOKEN.replace('class42', 'class_42')],
    ['an invalid id', TOKEN.replace('class42', 'class.42')],
    ['a line break at its end', `${TOKEN}\n`],
    ['the signature of another key', signToken(ID, 'another-key')],
  ]
  test.each(forged)('is refused: %s', (_what, token) => {
    expect(verifyToken(token, [KEY])).toBeUndefined()
  })
})

describe("the page's address", () => {
  const addresses: [string, string][] = [
    ['https://page.test', 'https://page.test/?stillrolling=T'],
    ['https://page.test/room', 'https://page.test/room?stillrolling=T'],
    ['https://page.test/room#/deep?x=1', 'https://page.test/room?stillrolling=T#/deep?x=1'],
    ['https://page.test/?a=1', 'https://page.test/?a=1&stillrolling=T'],
    ['https://page.test/?flag&sig=%2Fx~y%20z+1', 'https://page.test/?flag&sig=%2Fx~y%20z+1&stillrolling=T'],
    ['https://page.test:8443/?a=1#top', 'https://page.test:8443/?a=1&stillrolling=T#top'],
  ]
  test.each(addresses)('%s keeps its query and hash', (url, expected) => {
    expect(withToken(url, 'T')).toBe(expected)
  })
})

const flipped = (signature: string): string => (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
