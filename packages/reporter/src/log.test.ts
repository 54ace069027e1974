import { expect, test } from 'vitest'
import { createLog } from './log.ts'
import { signToken } from './token.ts'

const logged = (fields: Record<string, unknown>, message = 'something'): string => {
  const lines: string[] = []
  createLog('info', { write: (line) => lines.push(line) }).info(fields, message)
  return lines.join('')
}

test('the time is ISO 8601 in UTC', () => {
  expect(JSON.parse(logged({})).time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test("secrets are redacted in a timeline entry's evidence, however it is nested", () => {
  const storage = { secretKey: 'SECRET', accessKey: 'SECRET', stsToken: 'SECRET', bucket: 'lessons' }
  const evidence = {
    ...storage,
    token: 'a " \\ SECRET',
    request: { storage, attempts: [{ token: ['SECRET', 'SECRET'] }] },
  }
  const line = logged({ code: 'attempt.failed', evidence })
  expect(line).not.toContain('SECRET')
  expect(JSON.parse(line).evidence).toMatchObject({ bucket: 'lessons', secretKey: '[Redacted]' })
})

test("a page's token is redacted wherever it stands", () => {
  const tokens = [false, true].flatMap((fence) =>
    [null, 'mjuxy2o0'].map((nonce) =>
      signToken({ recordingId: 'class42', attempt: 1, nonce }, 's', { fence }),
    ),
  )
  for (const token of tokens) {
    const url = `https://page.test/?stillrolling=${token}`
    const line = logged({ evidence: { failing: [{ detail: `at ${url}` }] } }, `The page is ${url}`)
    expect(line).not.toContain(token)
    expect(JSON.parse(line).msg).toBe('The page is https://page.test/?stillrolling=[Redacted]')
  }
})
