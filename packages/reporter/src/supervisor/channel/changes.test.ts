import { describe, expect, test } from 'vitest'
import { rollingChannel, trackChannel } from '../testing/trackedChannel.ts'

describe('a change of layout or subscription', () => {
  test('is sent to the running attempt, until Agora confirms', () => {
    const it = rollingChannel().changed('layout')
    expect(it.effectNames).toEqual(['update 1'])
    expect(it.codes).toEqual(['recording.change_requested'])
    it.changeAnswers('unknown', { layout: 1 })
    expect(it.codes).toEqual(['attempt.update_unconfirmed'])
    expect(it.dueAfter(5).effectNames).toEqual(['update 1'])
    it.changeAnswers('done', { layout: 1 })
    expect(it.codes).toEqual(['attempt.changed'])
    expect(it.newest).toMatchObject({ applied: { layout: 1, subscription: 0 }, update: null })
  })

  test('and another one meanwhile is sent next', () => {
    const it = rollingChannel().changed('layout').changed('layout', 'subscription')
    expect(it.effectNames).toEqual([])
    expect(it.changeAnswers('done', { layout: 1 }).effectNames).toEqual(['update 1'])
    expect(it.changeAnswers('done', { layout: 2 }).effectNames).toEqual(['update 1'])
    expect(it.changeAnswers('done', { subscription: 1 }).effectNames).toEqual([])
    expect(it.newest.applied).toEqual({ layout: 2, subscription: 1 })
  })

  test('that Agora refuses is not sent again, raises attention, and does not hold up others', () => {
    const it = rollingChannel().changed('layout', 'subscription')
    it.changeAnswers('refused', { layout: 1 })
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['change_refused'])
    expect(it.effectNames).toEqual(['update 1'])
    expect(it.changeAnswers('done', { subscription: 1 }).effectNames).toEqual([])
    expect(it.pass(1000).timesOf('update', 1)).toHaveLength(2)
    it.changed('layout').changeAnswers('done', { layout: 2 })
    expect(it.recording.attention).toEqual([])
  })

  test('before the sid is known is sent once it is', () => {
    const it = trackChannel().acquired().changed('subscription')
    expect(it.effectNames).toEqual([])
    expect(it.started().effectNames).toEqual(['update 1'])
  })

  test('that Agora refuses raises attention while nothing runs, and until an attempt has it', () => {
    const it = rollingChannel().changed('layout', 'subscription').changeAnswers('refused', { layout: 1 })
    it.changeAnswers('refused', { subscription: 1 }).pass(30).notification(41, { leaveCode: 4 })
    it.runs().pass(30).notification(41, { leaveCode: 4 })
    expect(it.recording).toMatchObject({ state: 'recovering', attention: [{ code: 'change_refused' }] })
    expect(it.recording.attention[0]?.message).toContain('the new layout and the new subscription')
    expect(it.when('attention.cleared')).toBeUndefined()
  })

  test('that Agora refuses is no part of the start of the next attempt, and still raises attention', () => {
    const it = rollingChannel().changed('layout').changeAnswers('refused', { layout: 1 })
    it.notification(11, { code: 1 }).runs()
    expect(it.newest).toMatchObject({ number: 2, applied: { layout: 0 }, refused: { layout: 1 } })
    expect(it.timesOf('update', 2)).toEqual([])
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['change_refused'])
    it.changed('layout').changeAnswers('done', { layout: 2 })
    expect(it.recording.attention).toEqual([])
  })

  test('is part of the start of the next attempt', () => {
    const it = rollingChannel().changed('layout').changeAnswers('done', { layout: 1 })
    it.notification(11, { code: 1 }).runs()
    expect(it.newest).toMatchObject({ number: 2, applied: { layout: 1 } })
    expect(it.timesOf('update', 2)).toEqual([])
  })

  test('is not sent after a stop', () => {
    expect(rollingChannel().stop().changed('layout').effectNames).toEqual([])
  })
})
