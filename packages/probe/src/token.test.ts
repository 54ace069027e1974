import { afterEach, describe, expect, test, vi } from 'vitest'
import { findToken } from './token.ts'

const visit = (search: string) => history.replaceState(null, '', `/room${search}`)

afterEach(() => {
  sessionStorage.clear()
  visit('')
})

describe('findToken', () => {
  test('finds no token on an ordinary visit and stores nothing', () => {
    visit('?room=42')
    expect(findToken(window)).toBeUndefined()
    expect(sessionStorage).toHaveLength(0)
  })

  test('ignores an empty parameter', () => {
    visit('?stillrolling=')
    expect(findToken(window)).toBeUndefined()
    expect(sessionStorage).toHaveLength(0)
  })

  test('reads it from the URL and keeps it across a redirect', () => {
    visit('?room=42&stillrolling=v1.a.b%2Bc')
    expect(findToken(window)).toBe('v1.a.b+c')
    visit('?room=42')
    expect(findToken(window)).toBe('v1.a.b+c')
  })

  test('prefers the URL to a kept token', () => {
    visit('?stillrolling=first')
    findToken(window)
    visit('?stillrolling=second')
    expect(findToken(window)).toBe('second')
    visit('')
    expect(findToken(window)).toBe('second')
  })

  test.each([
    ['https://school.example.com/room?room=42&stillrolling=v1.a.b%2Bc', 'v1.a.b+c'],
    ['https://school.example.com/room?stillrolling=opened#/lesson?stillrolling=other', 'opened'],
    ['https://school.example.com/room#?stillrolling=other', undefined],
    ['https://school.example.com/room?room=42', undefined],
  ])('that is no longer in the address is in the one with which the page was opened: %s', (name, token) => {
    visit('?room=42')
    vi.spyOn(performance, 'getEntriesByType').mockReturnValue([{ name } as PerformanceEntry])
    expect(findToken(window)).toBe(token)
    vi.restoreAllMocks()
  })

  test('ignores a kept token in a frame, which shares the storage of the page around it', () => {
    sessionStorage.setItem('stillrolling', 'kept')
    const { location } = window
    const frame = { location, performance, sessionStorage, parent: {} } as unknown as Window
    expect(findToken(frame)).toBeUndefined()
    visit('?stillrolling=own')
    expect(findToken(frame)).toBe('own')
  })

  test('uses only the URL where storage is forbidden', () => {
    const forbidden = {
      location: window.location,
      performance: window.performance,
      get sessionStorage(): Storage {
        throw new DOMException('denied', 'SecurityError')
      },
    } as Window
    expect(findToken(forbidden)).toBeUndefined()
    visit('?stillrolling=t')
    expect(findToken(forbidden)).toBe('t')
  })
})
