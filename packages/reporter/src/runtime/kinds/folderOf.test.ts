import { cnameSchema, fileNamePrefixSchema, LIMITS } from '@stillrolling/rest-core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordingRequestSchema } from '../../recordingRequest.ts'
import { standbyIdOf } from '../../standbyId.ts'
import { folderOf, MAX_FOLDER_LENGTH } from './folderOf.ts'
import { kindOf } from './kindOf.ts'

/** Many of these have the same letters and digits. */
const similarIds = fc.stringMatching(/^[a1][a1_-]{0,7}$/)
const anyIds = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)
const longIds = fc
  .tuple(fc.integer({ min: 1, max: 63 }), fc.stringMatching(/^[-_]{1,3}[a-zA-Z0-9]{0,8}[-_]{0,3}$/))
  .map(([length, rest]) => `${'y'.repeat(length)}${rest}`.slice(0, 64))
const ids = fc.oneof(similarIds, anyIds, longIds)

/** The id of which `folderOf` has made this folder. */
const idOf = ([letters = '', gaps = 'x']: string[]): string => {
  let rest = letters
  let id = ''
  let skipped = 0
  for (const each of gaps.slice(1)) {
    const gap = /[A-Z]/.test(each) ? each.charCodeAt(0) - 65 : Number.parseInt(each, 36)
    if (each === 'z') {
      skipped += 26
      continue
    }
    id += `${rest.slice(0, skipped + gap)}${/[A-Z]/.test(each) ? '_' : '-'}`
    rest = rest.slice(skipped + gap)
    skipped = 0
  }
  return id + rest
}

describe('the folder of a recording', () => {
  test.each([
    ['class42', 'class42'],
    ['class42~standby', 'class42/standby'],
    ['class_42', 'class42/xF'],
    ['class-42', 'class42/x5'],
    ['7b--2_', '7b2/x20B'],
    ['550e8400-e29b-41d4-a716-446655440000', '550e8400e29b41d4a716446655440000/x8444'],
    ['550e8400-e29b-41d4-a716-446655440000~standby', '550e8400e29b41d4a716446655440000/x8444/standby'],
    [`${'y'.repeat(63)}-`, `${'y'.repeat(63)}/xzzb`],
  ])('of %s is %s', (id, folder) => {
    expect(folderOf(id).join('/')).toBe(folder)
  })

  test('is that of no other id, because the id follows from it', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(idOf(folderOf(id))).toBe(id)
      }),
      { numRuns: 2000 },
    )
  })

  test('of an attempt is not within that of an attempt of another id', () => {
    const some = fc.tuple(ids, fc.boolean(), fc.integer({ min: 1, max: 12 }))
    const pathOf = ([id, isStandby, attempt]: [string, boolean, number]): string =>
      [...folderOf(isStandby ? standbyIdOf(id) : id), `a${attempt}`, ''].join('/')
    fc.assert(
      fc.property(some, some, (one, other) => {
        fc.pre(one.join(' ') !== other.join(' '))
        expect(pathOf(one).startsWith(pathOf(other))).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  test('has no more characters than profiles leave to it, and what Agora allows', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(folderOf(id).join('/').length).toBeLessThanOrEqual(MAX_FOLDER_LENGTH)
        expect(fileNamePrefixSchema.safeParse(folderOf(id)).success).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

test("a page's id is its channel name at Agora, which allows the same characters and more", () => {
  fc.assert(
    fc.property(ids, (id) => {
      const request = recordingRequestSchema.parse({ id, url: 'https://page.test/' })
      const { cname } = kindOf(request).factsOf(request, id)
      expect(cname).toBe(id)
      expect(cnameSchema.safeParse(cname).success).toBe(true)
      expect(Buffer.byteLength(cname)).toBeLessThanOrEqual(LIMITS.cnameBytes.web)
    }),
  )
})
