import { expect, test } from 'vitest'
import { currentAttempt, withAttempts } from '../../supervisor/attempts.ts'
import type { Recording } from '../../supervisor/recording.ts'
import { checkRuns, type Decision, type Step } from '../../supervisor/testing/randomRuns.ts'
import type { TimelineEntry } from '../../supervisor/timeline.ts'
import type { Announcement } from './announcement.ts'
import { announcementsOf } from './announcementsOf.ts'
import { DELIVERY_SCHEMAS, MAX_BODY_BYTES, writeBody } from './deliveryBody.ts'

interface Announced {
  decision: Decision
  announced: Announcement[]
  /** Everything so far. */
  all: Announcement[]
}

const announce = (decisions: readonly Decision[]): Announced[] => {
  const all: Announcement[] = []
  return decisions.map((decision, index) => {
    const { before, after, effects } = decision
    const timeline = decision.timeline as TimelineEntry[]
    const announced = announcementsOf({
      before: index === 0 ? undefined : before,
      decision: { recording: after, settled: [], effects, timeline },
      labels: {},
    })
    all.push(...announced)
    return { decision, announced, all: [...all] }
  })
}

/** More than a minute without news, again and again: what was counted is summed up. */
const QUIET: Step[] = Array.from({ length: 3 }, () => ({
  ...{ seconds: 61, random: 0.5, pick: 0 },
  event: { source: 'clock' },
}))

const always = (name: string, rule: (course: readonly Announced[]) => void): void => {
  test(name, () => checkRuns((decisions) => rule(announce(decisions)), QUIET))
}

/** Whether changes are being counted, so that the next minute announces them. */
const isCounting = (recording: Recording): boolean =>
  [recording, ...recording.attempts].some(({ repeats }) =>
    Object.values(repeats).some(({ counted }) => Object.keys(counted).length > 0),
  )

/** The state that the announcements so far leave a receiver with. */
const announcedState = (all: readonly Announcement[]): string | undefined =>
  all
    .flatMap((each) => (TELL_STATE.has(each.type) && 'recording' in each ? [each.recording.state] : []))
    .at(-1)

const TELL_STATE: ReadonlySet<string> = new Set([
  'recording.rolling',
  'recording.unhealthy',
  'recording.recovering',
  'recording.resumed',
])

always('a receiver knows whether the recording is well, unless changes are being counted', (course) => {
  for (const { decision, all } of course) {
    const { after } = decision
    if (!['rolling', 'unhealthy', 'recovering'].includes(after.state) || isCounting(after)) continue
    expect(announcedState(all)).toBe(after.state)
  }
})

always('a receiver knows what needs attention, unless changes are being counted', (course) => {
  for (const { decision, all } of course) {
    const { after } = decision
    if (isCounting(after)) continue
    const raised = new Set<string>()
    for (const each of all) {
      if (each.type === 'recording.attention_raised') raised.add(each.attention.code)
      if (each.type === 'recording.attention_cleared') raised.delete(each.attention.code)
    }
    expect([...raised].toSorted()).toEqual(after.attention.map(({ code }) => code).toSorted())
  }
})

always('each file is announced once', (course) => {
  const files = course.flatMap(({ announced }) =>
    announced.flatMap((each) => (each.type === 'recording.files_added' ? each.files : [])),
  )
  const keys = files.map(({ name, attempt }) => `${attempt} ${name}`)
  const { whole, after } = (course.at(-1) as Announced).decision
  const attempts = withAttempts(after, whole.attempts).attempts
  const all = attempts.flatMap(({ number, files: names }) => names.map((name) => `${number} ${name}`))
  expect(keys.toSorted()).toEqual(all.toSorted())
})

always('each change of the current attempt is announced, with its number', (course) => {
  for (const { decision, announced } of course) {
    const [before, after] = [currentAttempt(decision.before), currentAttempt(decision.after)]
    const replaced = announced.filter(
      (each) => each.type === 'recording.restarted' || each.type === 'recording.rolled_over',
    )
    const isNew = after !== undefined && after.number > 1 && after.number !== before?.number
    expect(replaced.map(({ to }) => to)).toEqual(isNew ? [after.number] : [])
    for (const { from, to } of replaced) expect(from).toBeLessThan(to)
  }
})

always('it is created first and once, and its end is announced last', (course) => {
  const { all, decision } = course.at(-1) as Announced
  const types = all.map(({ type }) => type)
  expect(types.lastIndexOf('recording.created')).toBe(0)
  const { state } = decision.after
  if (state !== 'stopped' && state !== 'failed') return
  // Twice if an unknown task turns up after the stop, and is stopped as well.
  const end = types.findLast((type) => type === 'recording.stopped' || type === 'recording.failed')
  expect(end).toBe(`recording.${state}`)
})

always('every body fits the schema of its type', (course) => {
  for (const announcement of (course.at(-1) as Announced).all) {
    const text = writeBody(announcement, { id: 'dlv_1', time: '2026-01-01T00:00:00.000Z' })
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_BODY_BYTES)
    const body = { ...JSON.parse(text), sequence: 1 }
    expect(DELIVERY_SCHEMAS[announcement.type].parse(body)).toEqual(body)
  }
})
