import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type LaunchedBrowser, launchChromium } from '@stillrolling/emulator'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Names, setUp } from './docComments/client.ts'
import type { Stage } from './docComments/stage.ts'

// The reporter's page /docs as a person opens it: in a real Chromium, light and dark, wide and narrow, with and without scripts.

let reporter: Stage & { names: Names }
let chromium: LaunchedBrowser
let axe: string

beforeAll(async () => {
  reporter = await setUp()
  chromium = await launchChromium()
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
})
afterAll(async () => {
  await chromium?.close()
  await reporter?.close()
})

const open = async (
  options: { colorScheme?: 'light' | 'dark'; width?: number; javaScriptEnabled?: boolean } = {},
) => {
  const { colorScheme = 'light', width = 1280, javaScriptEnabled = true } = options
  const page = await chromium.browser.newPage({
    ...{ colorScheme, javaScriptEnabled },
    viewport: { width, height: 800 },
  })
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(request.url()))
  await page.goto(`${reporter.names.url}/docs`)
  return { page, complaints }
}

const violationsOf = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const { violations, passes } = await page.evaluate<AxeResults>('axe.run()')
  expect(passes.length, 'rules that were checked').toBeGreaterThan(20)
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html }) => html)
        .join(' ')}`,
  )
}

describe.each(['light', 'dark'] as const)('/docs, %s', (colorScheme) => {
  test.each([1280, 360])('has no violation of accessibility rules at a width of %d pixels', async (width) => {
    const { page, complaints } = await open({ colorScheme, width })
    for (const details of await page.locator('details').all()) {
      await details.evaluate((element) => element.setAttribute('open', ''))
    }
    expect(await violationsOf(page)).toEqual([])
    expect(complaints.filter((each) => !each.includes('favicon'))).toEqual([])
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow).toBe(0)
    await page.close()
  })
})

test('/docs is complete without scripts, and its style sheet is applied', async () => {
  const { page } = await open({ javaScriptEnabled: false })
  await expect.poll(() => page.locator('h1').textContent()).toBe('Stillrolling reporter')
  expect(await page.locator('article').count()).toBeGreaterThan(60)
  const box = await page.locator('body').boundingBox()
  expect(box?.width).toBeLessThanOrEqual(72 * 16)
  await page.close()
})

test('/docs is used with the keyboard: the first key leads past the contents', async () => {
  const { page } = await open()
  await page.keyboard.press('Tab')
  const skip = page.locator('.skip')
  expect(await skip.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
  expect((await skip.boundingBox())?.x).toBeGreaterThanOrEqual(0)
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.id')).toBe('content')
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true)
  await page.close()
})
