import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { addAttempt } from '../supervisor/attempts.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { newRecording, type Recording, reason } from '../supervisor/recording.ts'
import { insert, memoryDatabase } from '../testing/database.ts'
import { requestOf } from '../testing/stores.ts'
import { UnreadableRowError } from './errors.ts'
import { readRow, writeBody } from './recordingRow.ts'
import { loadRecording } from './recordings.ts'
import { BODY_VERSION } from './upcast.ts'

const recording: Recording = (() => {
  const recording = newRecording('a', DEFAULT_POLICY, 1000, 3)
  Object.assign(addAttempt(recording, 1000), { state: 'ended', endReason: reason('page_silent', 'Silent') })
  Object.assign(addAttempt(recording, 1000), { state: 'current', sid: 'sid1', deadlines: { beatBy: 5000 } })
  return {
    ...recording,
    state: 'rolling',
    attention: [{ code: 'slow_retries', message: 'Slow', since: 1000, attempts: [] }],
  }
})()

type Json = Record<string, unknown>

/** Reads the recording as a newer version would have written it. */
const read = (
  change: (body: Json & { attempts: Json[]; policy: Json; attention: Json[] }) => void,
  request: Json = {},
): Recording => {
  const body = JSON.parse(writeBody(recording))
  change(body)
  return readRow({
    id: 'a',
    version: 1,
    updated_at: 0,
    request: JSON.stringify({ ...requestOf('a'), ...request }),
    body: JSON.stringify(body),
  }).recording
}

test('a body has the number of its version, which is no part of the recording', async () => {
  const db = await memoryDatabase()
  const inserted = await insert(db, 'a')
  const { rows } = await sql<{ body: string }>`select body from recordings`.execute(db)
  expect(JSON.parse(rows[0]?.body ?? '')).toMatchObject({ bodyVersion: BODY_VERSION, id: 'a' })
  expect((await loadRecording(db, 'a'))?.recording).toEqual(inserted)
})

describe('what a newer version wrote', () => {
  test('is read without the fields that are unknown', () => {
    const newer = read(
      (body) => {
        Object.assign(body, { bodyVersion: BODY_VERSION + 1, later: 1, deadlines: { laterBy: 1 } })
        Object.assign(body.attempts[1] ?? {}, { later: 1 })
        Object.assign(body.policy, { later: 1, restart: { ...DEFAULT_POLICY.restart, later: 1 } })
      },
      { later: 1, policy: { later: 1 } },
    )
    expect(newer).toEqual(recording)
  })

  test('has the defaults of policy options whose values are unknown', () => {
    expect(read((body) => Object.assign(body.policy, { handOver: 'teleport' }))).toEqual(recording)
  })

  test('keeps a reason whose code is unknown', () => {
    const unknown = { code: 'page_bored', message: 'Bored', evidence: {} }
    expect(read((body) => Object.assign(body, { reason: unknown })).reason).toEqual(unknown)
  })

  test('is read without attention of an unknown kind', () => {
    const newer = read((body) => body.attention.push({ code: 'page_bored', message: 'No', since: 1 }))
    expect(newer.attention).toEqual(recording.attention)
  })

  test('is queried if a suspicion or a query of an unknown kind is open', () => {
    const newer = read((body) =>
      Object.assign(body.attempts[1] ?? {}, {
        suspicion: 'muted',
        query: { ...recording.attempts[1]?.query, asking: 'deepQuery' },
      }),
    )
    expect(newer.attempts[1]).toMatchObject({ suspicion: 'silent', query: { asking: 'query' } })
  })

  test.each([
    ['running', 'recovering'],
    ['stopped', 'stopping'],
  ])(
    'and is in an unknown state is read while an attempt is live, if desired is %s as %s',
    (desired, state) => {
      expect(read((body) => Object.assign(body, { desired, state: 'dancing' })).state).toBe(state)
    },
  )

  test('and is in an unknown state cannot be read without a live attempt, because it may have ended', () => {
    const ended = (): Recording =>
      read((body) => Object.assign(body, { state: 'archived', attempts: body.attempts.slice(0, 1) }))
    expect(ended).toThrow(UnreadableRowError)
  })

  test('and has an attempt in an unknown state cannot be read', () => {
    const standby = (): Recording =>
      read((body) => Object.assign(body.attempts[0] ?? {}, { state: 'standby' }))
    expect(standby).toThrow(/stored recording a cannot be read: .*attempts\[0\]\.state/s)
  })
})
