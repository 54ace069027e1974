import { expect } from 'vitest'
import type { ProblemDocument } from '../http/problem.ts'
import { PROBLEM_CODES, type ProblemCode } from '../http/problemCodes.ts'

/** Asserts that the response is a problem document with this status, the code of such a problem, a title and a detail. */
export const expectProblem = async (
  response: Response,
  status: number,
  code?: ProblemCode,
): Promise<ProblemDocument> => {
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await response.json()) as ProblemDocument
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^urn:stillrolling:problem:[a-z-]+$/),
    title: expect.stringMatching(/\w/),
    status,
    code: code ?? expect.stringMatching(/^[a-z_]+$/),
    detail: expect.stringMatching(/\w/),
  })
  expect(PROBLEM_CODES[problem.code]).toBe(status)
  return problem
}

/** Asserts that a report was refused with a problem document that every page may read. */
export const expectRefusedReport = async (response: Response, status: number): Promise<void> => {
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  await expectProblem(response, status)
}
