import type { LaunchedBrowser } from '@stillrolling/emulator'

/** A page in its own window. */
export interface Window {
  /** Makes the page hidden. */
  minimise(): Promise<void>
  restore(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a page in a window that can be minimised. Playwright emulates focus for its own pages, which therefore stay
 * visible, so this one is opened through the protocol, without Playwright's knowledge.
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
  const setState = async (windowState: 'minimized' | 'normal') => {
    await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
  }
  return {
    minimise: () => setState('minimized'),
    restore: () => setState('normal'),
    close: async () => {
      await session.send('Target.closeTarget', { targetId })
      await session.detach()
    },
  }
}
