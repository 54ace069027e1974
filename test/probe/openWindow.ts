import type { LaunchedBrowser } from '@stillrolling/emulator'

/** A page in a window of its own. */
export interface Window {
  /** Hides the page, as far as it can tell. */
  minimise(): Promise<void>
  restore(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a page in a window that can be minimised. Pages of Playwright's own stay visible whatever becomes of their
 * window (it emulates focus for each of them), so this one is opened where Playwright does not look.
 */
export const openWindow = async ({ browser }: LaunchedBrowser, url: string): Promise<Window> => {
  const session = await browser.newBrowserCDPSession()
  const { targetId } = await session.send('Target.createTarget', {
    url,
    width: 1280,
    height: 720,
    newWindow: true,
  })
  const { windowId } = await session.send('Browser.getWindowForTarget', { targetId })
  const become = async (windowState: 'minimized' | 'normal') => {
    await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
  }
  return {
    minimise: () => become('minimized'),
    restore: () => become('normal'),
    close: async () => {
      await session.send('Target.closeTarget', { targetId })
      await session.detach()
    },
  }
}
