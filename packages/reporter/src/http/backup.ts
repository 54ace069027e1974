import { Readable } from 'node:stream'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { BackupRunningError, NoBackupError } from '../runtime/backups.ts'
import type { AppContext } from './context.ts'
import { Problem } from './problem.ts'
import {
  createRouter,
  NO_QUERY,
  problemContent,
  SECURITY,
  UNAUTHORIZED,
  WRONG_QUERY,
} from './recordings/describe.ts'

const backup = createRoute({
  method: 'post',
  path: '/v1/backup',
  operationId: 'createBackup',
  tags: ['Reporter'],
  summary: 'Back up the database',
  description:
    'The database is copied while it is in use, and sent as one SQLite file. A database in PostgreSQL is not: use pg_dump.',
  security: SECURITY,
  request: { query: NO_QUERY },
  responses: {
    200: {
      content: {
        'application/vnd.sqlite3': { schema: z.string().openapi({ type: 'string', format: 'binary' }) },
      },
      description: 'The database as one SQLite file',
    },
    401: UNAUTHORIZED,
    409: problemContent(
      'Another backup is being made, or the database is in PostgreSQL, whose own tools make backups',
      'backup_running',
      'backup_unsupported',
    ),
    422: WRONG_QUERY,
  },
})

export const backupRoutes = ({ backups, log }: Pick<AppContext, 'backups' | 'log'>): OpenAPIHono => {
  const app = createRouter()
  // A response with a stream has no type that the generator knows.
  app.openapi(backup, async () => {
    const startedAt = performance.now()
    const { handle, size } = await backups.create().catch(refuse)
    const ms = Math.round(performance.now() - startedAt)
    log.info({ bytes: size, ms }, 'made a backup of the database')
    // The stream closes the handle at its end, or when the client is gone.
    const stream = Readable.toWeb(handle.createReadStream()) as ReadableStream
    return new Response(stream, {
      headers: {
        'content-type': 'application/vnd.sqlite3',
        'content-length': String(size),
        'cache-control': 'no-store',
      },
    })
  })
  return app
}

const refuse = (error: unknown): never => {
  if (error instanceof NoBackupError) throw new Problem('backup_unsupported', error.message)
  if (!(error instanceof BackupRunningError)) throw error
  throw new Problem('backup_running', 'Another backup is being made. Try again when it is done.')
}
