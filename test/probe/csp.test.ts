import { createHash } from 'node:crypto'
import { test } from 'vitest'
import type { Reply } from './collector.ts'
import { openWindow } from './openWindow.ts'
import { SOON, stage } from './stage.ts'

const on = stage({ concurrent: true })

interface Policy {
  name: string
  csp: string
  /** Attributes of the script tag, besides `src`. */
  tag?: string
}

const NONCE = 'r4nd0m'

/** `REPORTER` is the reporter's origin. The page's own scripts have the nonce, if there is one. */
const POLICIES: Policy[] = [
  {
    name: 'the policy in the documentation',
    csp: "script-src REPORTER 'unsafe-inline'; connect-src REPORTER",
  },
  {
    name: "default-src 'none'",
    csp: "default-src 'none'; script-src REPORTER 'unsafe-inline'; connect-src REPORTER",
  },
  {
    name: 'nonce',
    csp: `script-src 'nonce-${NONCE}'; connect-src REPORTER`,
    tag: `nonce="${NONCE}"`,
  },
  {
    name: 'nonce and strict-dynamic',
    csp: `script-src 'nonce-${NONCE}' 'strict-dynamic'; connect-src REPORTER`,
    tag: `nonce="${NONCE}"`,
  },
  {
    name: 'Trusted Types',
    csp: "require-trusted-types-for 'script'; trusted-types 'none'; script-src REPORTER 'unsafe-inline'; connect-src REPORTER",
  },
  {
    name: 'no workers',
    csp: "worker-src 'none'; script-src REPORTER 'unsafe-inline'; connect-src REPORTER",
  },
]

/** Collects the faults a page would notice, from before anything else runs. */
const NOTICE = `
  window.noticed = []
  window.addEventListener('error', ({ message }) => noticed.push(message), true)
  window.addEventListener('unhandledrejection', ({ reason }) => noticed.push(String(reason)))
  window.violations = []
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective: what }) => violations.push(what))
`

const addPage = ({ name, csp, tag = '' }: Policy, script = ''): string => {
  const path = name.replaceAll(/\W+/g, '-')
  const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${script}
    <script src="{{reporter}}/probe.js" ${tag} data-expect="#board"></script><body><p id="board">x</p></body>`
  on.pages.add(path, html, { 'content-security-policy': csp.replaceAll('REPORTER', on.collector.url) })
  return `made/${path}`
}

const open = (policy: Policy, reply?: () => Reply) =>
  on.open(addPage(policy), { reply, before: (page) => page.addInitScript(NOTICE) })

const NOTICED = '[window.noticed, window.violations]'

test.concurrent('the page loads under policies that allow what the probe needs', async ({ expect }) => {
  const goesWell = async (policy: Policy) => {
    const { page, first } = await open(policy)
    // The second file was loaded: it made this check.
    const well = { checks: [{ name: '#board', ok: true }], errors: 0, failed: 0 }
    expect(await first('loaded'), policy.name).toMatchObject(well)
    const [faults, blocked] = (await page.evaluate(NOTICED)) as string[][]
    expect(faults, policy.name).toEqual([])
    // The icon, without which the browser would request one.
    expect(
      blocked?.filter((what) => what !== 'img-src'),
      policy.name,
    ).toEqual([])
  }
  await Promise.all(POLICIES.map(goesWell))
})

test.concurrent('without a connection the page loads, and notices no fault', async ({ expect }) => {
  const { page, reports } = await open({
    name: 'connect-src blocked',
    csp: "script-src REPORTER 'unsafe-inline'; connect-src 'self'",
  })
  await expect.poll(() => page.evaluate('window.Stillrolling?.state.phase'), SOON).toBe('loaded')
  expect(await page.evaluate(NOTICED)).toEqual([[], expect.arrayContaining(['connect-src'])])
  expect(reports()).toEqual([])
})

test.concurrent('without the second file a check says so, and the page notices no fault', async ({
  expect,
}) => {
  const script = await (await fetch(`${on.collector.url}/probe.js`)).text()
  const hash = createHash('sha384').update(script).digest('base64')
  const { page, report } = await open(
    {
      name: 'only a hash',
      csp: `script-src 'sha384-${hash}'; connect-src REPORTER`,
      tag: `integrity="sha384-${hash}" crossorigin="anonymous"`,
    },
    () => ({ interval: 0.5 }),
  )
  const { checks } = await report('probe-watch.js', { ok: false })
  expect(checks).toHaveLength(1)
  await expect
    .poll(() => page.evaluate(NOTICED), SOON)
    .toEqual([[], expect.arrayContaining(['script-src-elem'])])
})

const HIDDEN: (Policy & { blocked: string[] })[] = [
  {
    name: 'blob workers forbidden',
    csp: "worker-src 'self'; script-src REPORTER 'unsafe-inline'",
    blocked: ['worker-src'],
  },
  {
    name: 'blob workers under Trusted Types',
    csp: "require-trusted-types-for 'script'; script-src REPORTER 'unsafe-inline'",
    blocked: ['require-trusted-types-for'],
  },
]

test.concurrent('a hidden page with late timers continues where workers are forbidden', async ({
  expect,
}) => {
  const goesOn = async ({ blocked, ...policy }: (typeof HIDDEN)[number]) => {
    const path = addPage(
      policy,
      `<script>
      ${NOTICE}
      const end = performance.now() + 4000
      setInterval(() => {
        Stillrolling.note({ noticed, violations })
        for (const until = performance.now() + 700; performance.now() < Math.min(until, end); );
      }, 800)
    </script>`,
    )
    const token = `v1.hidden-${blocked}.signature`
    on.collector.replies.set(token, () => ({ interval: 1 }))
    const window = await openWindow(on.launched, `${on.pages.url}/${path}?stillrolling=${token}`)
    await window.minimise()
    const last = () => on.collector.reports.filter((report) => report.token === token).at(-1)
    // Ticks after a long task are late, which is when the probe tries to start a worker, and fails.
    await expect.poll(() => last()?.note, SOON).toEqual({ noticed: [], violations: blocked })
    await expect.poll(() => last()?.at, SOON).toBeGreaterThan(6000)
    expect(last()).toMatchObject({ type: 'heartbeat', visible: false, frames: 0, errors: 0 })
    await window.close()
  }
  await Promise.all(HIDDEN.map(goesOn))
})
