import { describe, expect, test, vi } from 'vitest'
import { type Row, testRows } from './rows.ts'
import { SOON, stage } from './stage.ts'

const on = stage({ concurrent: true })

const script = (code: string): string => `<script>${code}</script>`
const IT = { test: 'ID' } as const
const PASSING = 'window.ID = () => true'
const NO_ANSWER = 'has not answered within 5 s'

const TESTS: Row[] = [
  { name: 'a value', html: script('window.ID = 1'), expect: IT },
  { name: 'a value that is false', html: script('window.ID = 0'), expect: IT, detail: 'is 0', mend: PASSING },
  { name: 'no such value', html: '', expect: IT, detail: 'is undefined', mend: PASSING },
  {
    name: 'no such path',
    html: script('window.ID = {}'),
    expect: { test: 'ID.app.isReady' },
    detail: "throws: TypeError: Cannot read properties of undefined (reading 'isReady')",
    mend: 'window.ID.app = { isReady: true }',
  },
  {
    name: 'a function, called on its owner',
    html: script('window.ID = { ready: true, isReady() { return this.ready } }'),
    expect: { test: 'ID.isReady' },
  },
  {
    name: 'a function that throws',
    html: script('window.ID = () => { throw new Error("no teacher") }'),
    expect: IT,
    detail: 'throws: Error: no teacher',
    mend: PASSING,
  },
  {
    name: 'a function that throws nothing',
    html: script('window.ID = () => { throw null }'),
    expect: IT,
    detail: 'throws: null',
    mend: PASSING,
  },
  {
    name: 'a promise of something truthy',
    html: script('window.ID = async () => "yes"'),
    expect: IT,
  },
  {
    name: 'a promise of false',
    html: script('window.ID = async () => false'),
    expect: IT,
    detail: 'is false',
    mend: PASSING,
  },
  {
    name: 'a promise that is rejected',
    html: script('window.ID = async () => { throw new Error("no teacher") }'),
    expect: IT,
    detail: 'throws: Error: no teacher',
    mend: PASSING,
  },
  {
    name: "a frame's promise of false",
    html: `<iframe></iframe>${script('const ID_frame = document.querySelector("iframe").contentWindow; window.ID = () => ID_frame.eval("Promise.resolve(false)")')}`,
    expect: IT,
    detail: 'is false',
    mend: PASSING,
  },
  {
    name: 'a thenable of the page',
    html: script('window.ID = () => ({ then: (met) => setTimeout(met, 10, true) })'),
    expect: IT,
  },
  {
    name: 'a promise that never answers',
    html: script('window.ID = () => new Promise(() => {})'),
    expect: IT,
    detail: NO_ANSWER,
    mend: PASSING,
  },
  {
    name: 'an answer after 6 s, and none to the next call',
    html: script(
      'let ID_calls = 0; window.ID = () => new Promise((met) => { if (!ID_calls++) setTimeout(met, 6000, true) })',
    ),
    expect: IT,
    detail: NO_ANSWER,
    mend: PASSING,
  },
  {
    name: "the page's own function",
    html: script(`Stillrolling.expect({ name: "the page's own function", test: () => window.ID })`),
    // The page's own is added later, and replaces this one.
    expect: { test: 'document.title' },
    detail: 'is undefined',
    mend: 'window.ID = true',
  },
  {
    name: 'ready()',
    html: '',
    expect: { ready: true },
    detail: 'the page has not called ready()',
    mend: 'Stillrolling.ready()',
  },
]

testRows(on, "the page's own tests", TESTS, {
  facts: async ({ reports }) => {
    // Until the late answer has arrived, and the check has been reported again.
    await vi.waitFor(() => expect(reports().at(-1)?.at).toBeGreaterThan(7500), SOON)
    const late = TESTS[13]?.name
    expect(
      reports()
        .at(-1)
        ?.checks.find(({ name }) => name === late)?.detail,
    ).toBe(NO_ANSWER)
    expect(reports().at(-1)?.errors).toBe(0)
  },
})

describe.concurrent('an expectation that is not met within its timeout', () => {
  const open = (name: string, expectations: string) => {
    on.pages.add(
      name,
      `<!doctype html><link rel="icon" href="data:,">
      <script src="{{reporter}}/probe.js" data-expect='${expectations}'></script><p id="board">x</p>`,
    )
    return on.open(`made/${name}`)
  }

  test('is overdue, which is reported immediately', async ({ expect }) => {
    const { report, reports } = await open(
      'overdue',
      '[{"element":"#never","timeout":1},{"element":"#late"}]',
    )
    const { at, late, type, checks } = await report('#never', { overdue: true })
    expect(type).toBe('heartbeat')
    expect(checks).toEqual([
      { name: '#never', ok: false, detail: 'no element matches', overdue: true },
      { name: '#late', ok: false, detail: 'no element matches' },
    ])
    expect(at).toBeGreaterThanOrEqual(1000)
    const expectedSince = reports()[0]?.at ?? 0
    expect(at).toBeLessThanOrEqual(expectedSince + 1000 + 250 + late + 50)
  })

  test('becomes a warning if it is optional', async ({ expect }) => {
    const { first } = await open(
      'optional',
      '[{"element":"#never","timeout":1,"optional":true},{"element":"#board"}]',
    )
    const { at, checks, warnings } = await first('loaded')
    expect(at).toBeGreaterThanOrEqual(1000)
    expect(checks).toEqual([{ name: '#board', ok: true }])
    expect(warnings).toEqual([{ name: '#never', detail: 'no element matches' }])
  })
})
