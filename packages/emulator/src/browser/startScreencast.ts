import type { CDPSession } from 'playwright-core'
import type { Screencast } from '../recorder/recorder.ts'

const QUALITY = 80

/**
 * Sends a picture of the page whenever it changes, from now until the page is closed
 * (https://chromedevtools.github.io/devtools-protocol/tot/Page/#method-startScreencast). Chromium waits for the
 * acknowledgement of a picture before it sends more than another one, so a late one limits the rate.
 */
export const startScreencast = async (
  session: CDPSession,
  { maxWidth, maxHeight, intervalMs, onPicture }: Screencast,
): Promise<void> => {
  session.on('Page.screencastFrame', ({ data, sessionId }) => {
    onPicture(Buffer.from(data, 'base64'))
    const acknowledge = () => {
      // The page may have been closed in the meantime.
      session.send('Page.screencastFrameAck', { sessionId }).catch(() => {})
    }
    setTimeout(acknowledge, intervalMs).unref()
  })
  await session.send('Page.startScreencast', { format: 'jpeg', quality: QUALITY, maxWidth, maxHeight })
}
