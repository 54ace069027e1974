import type { Browser } from 'playwright-core'

/**
 * Opens a page in a window of its own that is minimised, so that it is really hidden: another page in front is not
 * enough, and Playwright has every page that it knows believe that it is in front. This one it does not know.
 *
 * @returns closes the page
 */
export const openMinimised = async (browser: Browser, url: string): Promise<() => Promise<void>> => {
  const session = await browser.newBrowserCDPSession()
  const { browserContextId } = await session.send('Target.createBrowserContext')
  const { targetId } = await session.send('Target.createTarget', { url, browserContextId })
  const { windowId } = await session.send('Browser.getWindowForTarget', { targetId })
  await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'minimized' } })
  return () => session.send('Target.disposeBrowserContext', { browserContextId }).then(() => session.detach())
}
