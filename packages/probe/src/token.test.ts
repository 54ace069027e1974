import { afterEach, describe, expect, test } from 'vitest'
import { findToken } from './token.ts'

const visit = (search: string) => history.replaceState(null, '', `/room${search}`)

afterEach(() => {
  sessionStorage.clear()
  visit('')
})

describe('findToken', () => {
  test('finds none on an ordinary visit and stores nothing', () => {
    visit('?room=42')
    expect(findToken(window)).toBeUndefined()
    expect(sessionStorage).toHaveLength(0)
  })

  test('takes an empty parameter for none', () => {
    visit('?stillrolling=')
    expect(findToken(window)).toBeUndefined()
    expect(sessionStorage).toHaveLength(0)
  })

  test('reads it from the URL and keeps it over a redirect', () => {
    visit('?room=42&stillrolling=v1.a.b%2Bc')
    expect(findToken(window)).toBe('v1.a.b+c')
    visit('?room=42')
    expect(findToken(window)).toBe('v1.a.b+c')
  })

  test('prefers the URL to what was kept', () => {
    visit('?stillrolling=first')
    findToken(window)
    visit('?stillrolling=second')
    expect(findToken(window)).toBe('second')
    visit('')
    expect(findToken(window)).toBe('second')
  })

  test('does not take a kept token in a frame, which shares the storage of the page around it', () => {
    sessionStorage.setItem('stillrolling', 'kept')
    const { location } = window
    const frame = { location, sessionStorage, parent: {} } as unknown as Window
    expect(findToken(frame)).toBeUndefined()
    visit('?stillrolling=own')
    expect(findToken(frame)).toBe('own')
  })

  test('does with the URL where storage is forbidden', () => {
    const forbidden = {
      location: window.location,
      get sessionStorage(): Storage {
        throw new DOMException('denied', 'SecurityError')
      },
    } as Window
    expect(findToken(forbidden)).toBeUndefined()
    visit('?stillrolling=t')
    expect(findToken(forbidden)).toBe('t')
  })
})
