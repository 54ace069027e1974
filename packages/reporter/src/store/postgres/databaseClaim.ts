import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { UnusableDatabaseError } from '../errors.ts'

/**
 * The right of one process to write a database. It is a lock of the connection through which the process writes: without the
 * lock there is no connection, and without the connection nothing is written. PostgreSQL releases the lock when the
 * connection ends.
 */
export interface DatabaseClaim {
  /**
   * Takes the lock for a new connection. The first time it waits for another process to release the database.
   * @throws {UnusableDatabaseError} while another process has the lock, and always if one has had it since the first time
   */
  take(client: pg.ClientBase): Promise<void>
  /** Resolves when another process has claimed the database since. */
  lost: Promise<UnusableDatabaseError>
}

/** Any number that no other program on the same database is likely to use. */
const LOCK_KEY = 7_408_514_906_021
const POLL_MS = 200
/**
 * The server may not have noticed yet that the connection before is dead. It does within half a minute (see the keep-alive
 * settings of the pool), so a lock that lasts longer is another process's.
 */
const OWN_LOCK_MS = 60_000

export const createClaim = ({ name, timeoutMs }: { name: string; timeoutMs: number }): DatabaseClaim => {
  const holder = randomUUID()
  const { promise: lost, resolve: lose } = Promise.withResolvers<UnusableDatabaseError>()
  let isClaimed = false
  let refusedSince: number | undefined

  const inUse = (): UnusableDatabaseError =>
    new UnusableDatabaseError(
      `Another reporter uses the database ${name}. One reporter at a time uses a database: stop the other one, or give this one a database of its own.`,
    )

  const takeFirst = async (client: pg.ClientBase): Promise<void> => {
    const giveUpAt = performance.now() + timeoutMs
    while (!(await tryLock(client))) {
      if (performance.now() >= giveUpAt) throw inUse()
      await sleep(POLL_MS)
    }
    await writeHolder(client, holder)
    isClaimed = true
  }

  const takeAgain = async (client: pg.ClientBase): Promise<void> => {
    const isLocked = await tryLock(client)
    if (isLocked && (await readHolder(client)) === holder) {
      refusedSince = undefined
      return
    }
    refusedSince ??= performance.now()
    const error = inUse()
    if (isLocked || performance.now() - refusedSince > OWN_LOCK_MS) lose(error)
    throw error
  }

  return { take: (client) => (isClaimed ? takeAgain(client) : takeFirst(client)), lost }
}

const tryLock = async (client: pg.ClientBase): Promise<boolean> => {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
    LOCK_KEY,
  ])
  return rows[0]?.locked === true
}

/** Who had the lock last. Not a table of the store: it is used before the migrations. */
export const CLAIM_TABLE = 'stillrolling_claim'

const writeHolder = async (client: pg.ClientBase, holder: string): Promise<void> => {
  await client.query(
    `create table if not exists ${CLAIM_TABLE} (id integer primary key, holder text not null)`,
  )
  await client.query(
    `insert into ${CLAIM_TABLE} (id, holder) values (1, $1) on conflict (id) do update set holder = excluded.holder`,
    [holder],
  )
}

const readHolder = async (client: pg.ClientBase): Promise<string | undefined> => {
  const { rows } = await client.query<{ holder: string }>(`select holder from ${CLAIM_TABLE} where id = 1`)
  return rows[0]?.holder
}
