import { expect, test } from 'vitest'
import { isOnRoute } from './route.ts'

/** Whether an address, as a browser shows it in `location`, is on a route. */
const isOn = (route: string, address: string): boolean =>
  isOnRoute(route, new URL(address, 'https://app.example.com'))

test.each<[route: string, address: string]>([
  ['/room/7', '/room/7'],
  ['/room/*', '/room/7'],
  ['/room/*', '/room/7/board'],
  ['/room/*/board', '/room/7/board'],
  ['/room/*', '/room/'],
  ['*', '/'],
  ['/', '/'],
  ['/a.b', '/a.b'],
  ['/räume/*', '/räume/7'],
  ['/räume/*', '/r%C3%A4ume/7'],
  ['/r%c3%a4ume/*', '/räume/7'],
  ['/ra\u0308ume/*', '/räume/7'],
  ['/räume/*', '/ra\u0308ume/7'],
  ['/教室/*', '/教室/7'],
  ['/class room/*', '/class room/7'],
  ['/class%20room/*', '/class room/7'],
  ['/50%/*', '/50%/7'],
  ['/%ff', '/%ff'],
  ['/what%3F', '/what%3F'],
  ['/a+b', '/a+b'],
  ['/a(b)', '/a(b)'],
  ['/lobby', '/lobby/'],
  ['/lobby/', '/lobby'],
  ['/lobby', '/lobby?stillrolling=v1.x#top'],
  [' /lobby ', '/lobby'],
  ['#/room/*', '/app#/room/7'],
  ['#/room/7', '/app#/room/7/'],
  ['#/room/7', '/app#/room/7?tab=board'],
  ['#/räume/*', '/app#/räume/7'],
  ['#/class room', '/app#/class room'],
  ['#board', '/app#board'],
  ['#!/board', '/app#!/board'],
  ['#/', '/app'],
  ['#/', '/app#/'],
  ['/app#/room/*', '/app#/room/7'],
  ['/room?id=7', '/room?stillrolling=v1.x&id=7'],
  ['/room?id=7&view=*', '/room?view=board&id=7'],
  ['/room?name=M%C3%BCller', '/room?name=Müller'],
  ['?view=board', '/any/path?view=board'],
  ['#/room?tab=board', '/app#/room?tab=board'],
])('%s matches %s', (route, address) => {
  expect(isOn(route, address)).toBe(true)
})

test.each<[route: string, address: string]>([
  ['/room/7', '/room/77'],
  ['/room/*', '/room'],
  ['/room/*', '/lobby'],
  ['/a.b', '/aXb'],
  ['/Räume', '/räume'],
  ['/räume', '/raume'],
  ['#/room/*', '/room/7'],
  ['#/room/*', '/app#/lobby'],
  ['#/room', '/app'],
  ['/app#/room', '/other#/room'],
  ['/room?id=7', '/room?id=77'],
  ['/room?id=7', '/room'],
  ['/room?id=7', '/lobby?id=7'],
])('%s does not match %s', (route, address) => {
  expect(isOn(route, address)).toBe(false)
})
