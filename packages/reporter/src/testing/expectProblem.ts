import { expect } from 'vitest'
import type { ProblemDocument } from '../http/problem.ts'

/** The answer is a problem document of this status, and says something. */
export const expectProblem = async (response: Response, status: number): Promise<ProblemDocument> => {
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await response.json()) as ProblemDocument
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^urn:stillrolling:problem:[a-z-]+$/),
    title: expect.stringMatching(/\w/),
    status,
    detail: expect.stringMatching(/\w/),
  })
  return problem
}
