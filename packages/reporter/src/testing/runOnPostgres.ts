import pg from 'pg'

/**
 * Runs one statement in a connection of its own.
 * @param url the address of a database
 */
export const runOnPostgres = async (url: string, statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
