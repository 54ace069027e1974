import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Finds a port of 127.0.0.1 that is free now. Use it where a server must come back on the same port; others listen on 0.
 * @param preferred this one if it is free, else any other
 */
export const freePort = async (preferred = 0): Promise<number> => {
  const server = createServer().listen(preferred, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if (preferred === 0) throw error
    return freePort()
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || !address) throw new Error('No port of 127.0.0.1 is free')
  return address.port
}
