import type { TestProject } from 'vitest/node'
import { openPostgres } from '../store/postgres/openPostgres.ts'
import { startPostgres } from './postgresServer.ts'
import { runOnPostgres } from './runOnPostgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the database `postgres` on the server of this run; it has a migrated one with the name `migrated`. */
    postgres: string
  }
}

/** One server for all test files, with a migrated database from which each makes its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  try {
    await runOnPostgres(server.urlOf('postgres'), 'create database migrated')
    const onConnectionError = (): void => {}
    const migrated = await openPostgres({ url: server.urlOf('migrated') }, { onConnectionError })
    await migrated.close()
    project.provide('postgres', server.urlOf('postgres'))
  } catch (error) {
    await server.close()
    throw error
  }
  return () => server.close()
}
