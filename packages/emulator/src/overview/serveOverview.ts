import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type { EmulatorControls } from '../types.ts'
import { createOverview, type OverviewSettings } from './overview.ts'
import { overviewPage } from './overviewPage.ts'

/** The page has no scripts; this forbids them, should a value ever be mistaken for one. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"

/** Answers with the overview: as a page, or as JSON if the client prefers that. */
export const serveOverview =
  (
    emulator: Pick<EmulatorControls, 'tasks' | 'channels' | 'faults' | 'requests'>,
    settings: OverviewSettings,
  ) =>
  (context: Context): Response | Promise<Response> => {
    const overview = createOverview(emulator, settings)
    context.header('Vary', 'Accept')
    context.header('Cache-Control', 'no-store')
    const type = accepts(context, {
      header: 'Accept',
      supports: ['text/html', 'application/json'],
      default: 'text/html',
    })
    if (type === 'application/json') return context.json(overview)
    context.header('Content-Security-Policy', CONTENT_SECURITY_POLICY)
    return context.html(overviewPage(overview, new URL(context.req.url).origin))
  }
