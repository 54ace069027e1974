import { describe, expect, test } from 'vitest'
import { mediaSample } from '../../testing/media.ts'
import {
  BAD_SAMPLES,
  begin,
  GOOD_SAMPLES,
  type Judgement,
  judge,
  type MediaLimits,
  mediaLimits,
  UNPAINTED_SAMPLES,
} from './judge.ts'
import type { MediaSample } from './sample.ts'

const PERIOD = 1000

/** Judges one sample per period; each row says how it differs from a file that is at its start. */
const follow = (
  rows: Partial<MediaSample>[],
  from?: Judgement,
  limits: MediaLimits = mediaLimits(),
): Judgement[] => {
  const judgements = from ? [from] : []
  for (const row of rows) {
    const before = judgements.at(-1)
    const at = row.at ?? (before ? before.sample.at + PERIOD : 0)
    const now = mediaSample({ ...row, at })
    judgements.push(before ? judge(before, now, limits, PERIOD) : begin(now, false))
  }
  return from ? judgements.slice(1) : judgements
}

const verdicts = (judgements: Judgement[]): boolean[] => judgements.map((one) => one.ok)

/** A video proven to play at 3 s, with 90 frames. */
const playing = (change: Partial<MediaSample> = {}): Judgement =>
  follow([
    { time: 1, frames: 30, ...change },
    { time: 2, frames: 60, ...change },
    { time: 3, frames: 90, ...change },
  ]).at(-1) as Judgement

describe('an evident fault', () => {
  test.each<[string, Partial<MediaSample>]>([
    ['media error 1: aborted', { error: 1 }],
    ['media error 2: network', { error: 2 }],
    ['media error 3: cannot be decoded', { error: 3 }],
    ['media error 4: source not supported', { error: 4, source: '' }],
    ['media error 5', { error: 5 }],
    ['has no source', { source: '', paused: true }],
    ['ended', { ended: true, paused: true }],
    ['paused', { paused: true, played: true }],
    ['not started (readyState 3)', { paused: true, played: false, ready: 3 }],
    ['is hidden by CSS', { invisible: 'is hidden by CSS' }],
    ['its track has ended', { live: true, tracks: 'ended' }],
  ])('%s', (detail, change) => {
    expect(begin(mediaSample(change), false)).toMatchObject({ ok: false, detail })
    const all = follow(Array(3).fill({ time: 4, frames: 120, ...change }), playing())
    expect(verdicts(all), `${BAD_SAMPLES} samples must show it`).toEqual([true, false, false])
    expect(all[1]).toMatchObject({ detail, good: 0 })
  })

  test('is not an invisible picture that is drawn elsewhere, or in a hidden document', () => {
    const unseen = { time: 4, frames: 120, invisible: 'is hidden by CSS' }
    const rows = (change: Partial<MediaSample>) =>
      [1, 2, 3].map((i) => ({ ...unseen, ...change, frames: 120 * i, time: i }))
    expect(verdicts(follow(rows({}), playing(), mediaLimits(undefined, { hidden: true })))).not.toContain(
      false,
    )
    expect(verdicts(follow(rows({ visible: false }), playing()))).not.toContain(false)
  })

  test('is tolerated when the next sample is well again', () => {
    const ended = { time: 4, frames: 120, ended: true }
    const all = follow([ended, { time: 1, frames: 10 }, ended, { time: 2, frames: 30 }], playing())
    expect(verdicts(all)).not.toContain(false)
  })

  test('is reported immediately for a medium that has not been proven to play', () => {
    expect(follow([{ paused: true, ready: 1, played: false }])[0]).toMatchObject({
      ok: false,
      detail: 'not started (readyState 1)',
    })
  })
})

describe('proof', () => {
  test(`requires progress in ${GOOD_SAMPLES} samples`, () => {
    const all = follow([
      { time: 0, frames: 0 },
      { time: 1, frames: 30 },
      { time: 2, frames: 60 },
    ])
    expect(verdicts(all)).toEqual([false, false, true])
    expect(all[1]?.detail).toBe('not yet seen to advance')
    expect(all[2]?.detail).toBeUndefined()
  })

  test('requires frames, not only time, where frames are counted', () => {
    expect(verdicts(follow([{ time: 0 }, { time: 1 }, { time: 2 }, { time: 3 }]))).not.toContain(true)
  })

  test('requires only time where frames are not counted, as with audio', () => {
    const frames = undefined
    expect(verdicts(follow([{ frames }, { frames, time: 1 }, { frames, time: 2 }]))).toEqual([
      false,
      false,
      true,
    ])
  })

  test('allows samples without progress in between, as with slow drawing', () => {
    expect(verdicts(follow([{}, { frames: 1 }, { frames: 1 }, { frames: 2 }]))).toEqual([
      false,
      false,
      false,
      true,
    ])
  })
})

describe('standing still', () => {
  const still = (at: number) => ({ at, time: 3, frames: 90 })

  test('is a stall of a file after 3 s', () => {
    const still = { time: 3, frames: 90, ready: 2 }
    const all = follow([still, still, still, still], playing())
    expect(verdicts(all)).toEqual([true, true, false, false])
    expect(all[2]?.detail).toBe('stalled: no progress for 3 s (readyState 2)')
    expect(all[3]?.detail).toBe('stalled: no progress for 4 s (readyState 2)')
  })

  test('is a stall after 3 s even if the last sample is taken a little early', () => {
    const all = follow([still(3000), still(4000), still(4999)], playing())
    expect(verdicts(all)).toEqual([true, true, false])
    expect(all[2]?.detail).toBe('stalled: no progress for 3 s (readyState 4)')
  })

  test.each([
    ['no frames: no progress for 10 s (readyState 4)', ''],
    ['its track is muted: no progress for 10 s (readyState 4)', 'muted'],
  ] as const)('of a MediaStream is reported after 10 s: %s', (detail, tracks) => {
    const still = { time: 3, frames: 90, live: true, tracks }
    const all = follow(Array(11).fill(still), playing({ live: true }))
    expect(verdicts(all)).toEqual([...Array(9).fill(true), false, false])
    expect(all[9]?.detail).toBe(detail)
  })

  test.each([1, 2])(
    'of a MediaStream is no freeze if its time moves in %i samples after its last frame',
    (moves) => {
      const row = (index: number) => ({
        time: 3 + 0.03 * Math.min(index + 1, moves),
        frames: 90,
        live: true,
        tracks: 'muted' as const,
      })
      const all = follow(
        Array.from({ length: 13 }, (_, index) => row(index)),
        playing({ live: true }),
      )
      const first = all.findIndex(({ ok }) => !ok)
      expect(first).toBe(9 + moves)
      expect(all[first]?.detail).toBe('its track is muted: no progress for 10 s (readyState 4)')
    },
  )

  test('of a MediaStream is no freeze if its time moves once after its last frame, however short the limit is', () => {
    const short = mediaLimits(1)
    const still = { time: 3.03, frames: 90, live: true }
    const all = follow([still, still], playing({ live: true }), short)
    expect(all.map(({ detail }) => detail)).toEqual([
      undefined,
      'no frames: no progress for 1 s (readyState 4)',
    ])
  })

  test.each([
    ['no sound: no progress for 10 s (readyState 4)', false],
    ['no sound: no progress for 10 s (no picture, readyState 4)', true],
  ])('of a MediaStream without picture is reported in words about sound: %s', (detail, soundOnly) => {
    const sound = { live: true, frames: undefined, soundOnly }
    const all = follow(Array(10).fill({ ...sound, time: 3 }), playing(sound))
    expect(verdicts(all)).toEqual([...Array(9).fill(true), false])
    expect(all[9]?.detail).toBe(detail)
  })

  test('is allowed where the picture may stand still, and its first frame is proof', () => {
    const may = mediaLimits(undefined, { static: true })
    const still = { live: true, time: 0.1, frames: 1 }
    const all = follow([{ live: true }, still, ...Array(60).fill(still)], undefined, may)
    expect(verdicts(all)).toEqual([false, false, ...Array(60).fill(true)])
    const gone = follow(Array(2).fill({ ...still, tracks: 'ended' }), all.at(-1), may)
    expect(gone.at(-1)).toMatchObject({ ok: false, detail: 'its track has ended' })
  })

  test('is a freeze after 5 s when time advances', () => {
    const all = follow(
      [4, 5, 6, 7, 8].map((time) => ({ time, frames: 90 })),
      playing(),
    )
    expect(verdicts(all)).toEqual([true, true, true, true, false])
    expect(all.at(-1)?.detail).toBe('frozen: time advances, but no new frame for 5 s (readyState 4)')
  })

  test('is not a freeze in a hidden document, and the window restarts when it is shown', () => {
    const run = (visible: boolean) => (time: number) => ({ time, frames: 90, visible })
    const hidden = follow([4, 5, 6, 7, 8, 9, 10].map(run(false)), playing())
    expect(verdicts(hidden)).not.toContain(false)
    const shown = follow([11, 12, 13, 14, 15].map(run(true)), hidden.at(-1))
    expect(verdicts(shown)).toEqual([true, true, true, true, false])
  })

  test('is allowed for media paused in a hidden document, until it is shown and they are still paused', () => {
    const paused = { time: 3, frames: 90, paused: true }
    const hidden = follow(Array(20).fill({ ...paused, visible: false }), playing())
    expect(verdicts(hidden)).not.toContain(false)
    const shown = follow(Array(2).fill({ ...paused, visible: true }), hidden.at(-1))
    expect(shown.map(({ detail }) => detail)).toEqual([undefined, 'paused'])
  })

  test('is a stall in a hidden document too, where time advances as well', () => {
    const hidden = Array(4).fill({ time: 3, frames: 90, visible: false })
    expect(verdicts(follow(hidden, playing()))).toEqual([true, true, false, false])
  })

  test('is a stall of audio after 3 s', () => {
    const still = { time: 3, frames: undefined }
    expect(verdicts(follow([still, still, still], playing({ frames: undefined })))).toEqual([
      true,
      true,
      false,
    ])
  })

  test('ends after progress in two samples', () => {
    const stalled = follow(Array(3).fill({ time: 3, frames: 90 }), playing()).at(-1)
    const after = follow(
      [
        { time: 4, frames: 120 },
        { time: 5, frames: 150 },
      ],
      stalled,
    )
    expect(verdicts(after)).toEqual([false, true])
    expect(after[0]?.detail).toBe('not yet seen to advance')
  })
})

describe('changes that are not faults', () => {
  test('a loop wraps the time while frames go on', () => {
    expect(
      verdicts(
        follow(
          [
            { time: 0.5, frames: 120 },
            { time: 1.5, frames: 150 },
          ],
          playing(),
        ),
      ),
    ).toEqual([true, true])
  })

  test.each<[string, Partial<MediaSample>]>([
    ['another source', { source: 'next.webm', time: 3, frames: 90 }],
    ['a frame counter that went back', { time: 3, frames: 4 }],
    ['a late sample', { at: 4000 + 5 * PERIOD, time: 3, frames: 90 }],
  ])('%s restarts the windows', (_, change) => {
    const still = { time: 3, frames: 90 }
    const almost = follow([still, still], playing()).at(-1)
    const [restarted] = follow([change], almost)
    expect(restarted).toMatchObject({ ok: true, good: playing().good })
    const { at: _at, ...same } = change
    expect(verdicts(follow([same, same, same], restarted))).toEqual([true, true, false])
  })

  test('a sample late by three periods still counts', () => {
    const [after] = follow([{ at: 2000 + 4 * PERIOD, time: 3, frames: 90 }], playing())
    expect(after).toMatchObject({ ok: false, detail: 'stalled: no progress for 4 s (readyState 4)' })
  })

  test('a late sample alone does not end a stall', () => {
    const still = { time: 3, frames: 90 }
    const stalled = follow([still, still, still], playing()).at(-1)
    expect(follow([{ ...still, at: 60_000 }], stalled)[0]).toMatchObject({ ok: false })
  })
})

describe('frames that are not painted', () => {
  /** One sample a second, with 30 new frames each, of which `dropped` are dropped. */
  const dropping = (count: number, dropped: number, change: Partial<MediaSample> = {}) =>
    Array.from({ length: count }, (_, i) => ({
      time: 4 + i,
      frames: 120 + 30 * i,
      dropped: dropped * (i + 1),
      ...change,
    }))

  test(`are a fault in ${UNPAINTED_SAMPLES} consecutive samples`, () => {
    const all = follow(dropping(6, 30), playing())
    expect(verdicts(all)).toEqual([true, true, true, true, false, false])
    expect(all[4]?.detail).toBe('not painted: frames are decoded, but none is shown')
  })

  test('are tolerated as long as some are painted, or the page itself is not', () => {
    expect(verdicts(follow(dropping(20, 29), playing()))).not.toContain(false)
    expect(verdicts(follow(dropping(20, 30, { painting: false }), playing()))).not.toContain(false)
  })

  test('are a fault although a frame in transit is sometimes counted as painted', () => {
    const all = follow(
      dropping(9, 30).map((row, i) => ({ ...row, dropped: row.dropped - (i % 2) })),
      playing(),
    )
    expect(verdicts(all).slice(4)).toEqual([false, false, false, false, false])
  })

  // Frames in a second, frames painted of them, and whether the page was painted; measured beside other programs that
  // took all of the processor, in a page whose video could be seen.
  test.each<[string, [frames: number, painted: number, painting: number][]]>([
    [
      'all others idle',
      [
        [24, 3, 1],
        [30, 3, 1],
        [25, 2, 1],
        [24, 2, 1],
        [29, 2, 1],
        [35, 2, 1],
      ],
    ],
    [
      'two',
      [
        [36, 1, 1],
        [4, 0, 1],
        [18, 2, 1],
        [43, 0, 1],
        [1, 0, 1],
        [0, 0, 0],
        [4, 1, 1],
        [5, 1, 0],
      ],
    ],
    [
      'six',
      [
        [44, 0, 0],
        [32, 0, 1],
        [0, 0, 1],
        [3, 1, 1],
        [0, 0, 1],
        [67, 1, 0],
        [60, 0, 0],
        [34, 0, 1],
      ],
    ],
    [
      'twelve',
      [
        [16, 1, 0],
        [122, 0, 0],
        [6, 0, 1],
        [2, 1, 0],
        [72, 0, 0],
        [11, 0, 1],
        [46, 1, 0],
      ],
    ],
  ])('are tolerated in a page that hardly gets to paint: %s', (_, seconds) => {
    const rows: Partial<MediaSample>[] = []
    let [frames, painted] = [90, 90]
    for (const [more, shown, painting] of [...seconds, ...seconds, ...seconds]) {
      frames += more
      painted += shown
      rows.push({ time: 4 + rows.length, frames, dropped: frames - painted, painting: painting > 0 })
    }
    expect(verdicts(follow(rows, playing()))).not.toContain(false)
  })

  test('are tolerated where the page draws them elsewhere, and in a hidden document', () => {
    expect(
      verdicts(follow(dropping(9, 30), playing(), mediaLimits(undefined, { hidden: true }))),
    ).not.toContain(false)
    expect(verdicts(follow(dropping(9, 30, { visible: false }), playing()))).not.toContain(false)
  })

  test('are counted from zero after a late sample and after another source', () => {
    const late = dropping(7, 30).map((row, i) => ({
      ...row,
      at: 2000 + (i + 1) * PERIOD + (i > 2 ? 9000 : 0),
    }))
    expect(verdicts(follow(late, playing()))).not.toContain(false)
    const [first, second, ...rest] = dropping(6, 30)
    const next = rest.map((row) => ({ ...row, source: 'next.webm' }))
    expect(verdicts(follow([first ?? {}, second ?? {}, ...next], playing()))).not.toContain(false)
  })
})

describe('begin', () => {
  test('keeps the verdict from before: two samples must show a fault', () => {
    expect(begin(mediaSample(), true)).toMatchObject({ ok: true, detail: undefined, good: 0 })
    expect(begin(mediaSample({ paused: true }), true)).toMatchObject({ ok: true })
    expect(begin(mediaSample(), false)).toMatchObject({ ok: false, detail: 'not yet seen to advance' })
  })
})

describe('mediaLimits', () => {
  test('has defaults, and takes one number instead of all of them', () => {
    const may = { still: false, hidden: false }
    expect(mediaLimits()).toEqual({ fileStallMs: 3000, liveStallMs: 10_000, freezeMs: 5000, ...may })
    expect(mediaLimits(7.5)).toEqual({ fileStallMs: 7500, liveStallMs: 7500, freezeMs: 7500, ...may })
  })

  test.each([0, -1, Number.NaN])('takes the defaults when the number is %d', (stall) => {
    expect(mediaLimits(stall)).toEqual(mediaLimits())
  })
})
