import { expect, test } from 'vitest'
import { runSoak } from './runSoak.ts'

const SECONDS = 25

test('healthy pages of every kind, open at the same time, have no failed check', async () => {
  const soaked = await runSoak(SECONDS)
  for (const { page, loadedMs, reports, hidden, failed } of soaked) {
    const inBackground = page.includes('background')
    expect.soft(loadedMs, `${page}: loaded`).not.toBeNull()
    expect.soft(failed, page).toEqual([])
    // One a second; a page whose main thread is busy for two of three seconds sends fewer.
    expect.soft(reports, `${page}: reports`).toBeGreaterThan(SECONDS / 4)
    expect.soft(hidden > SECONDS / 4, `${page}: hidden`).toBe(inBackground)
  }
})
