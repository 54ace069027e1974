import { expect, test } from 'vitest'
import { fitSize } from './ffmpegArgs.ts'

test.each([
  ['1280x720', 640, '640x360'],
  ['1920x1080', 640, '640x360'],
  ['360x640', 640, '360x640'],
  ['720x1280', 640, '360x640'],
  ['320x240', 640, '320x240'],
  ['241x241', 640, '242x242'],
  ['1920x240', 640, '640x80'],
  ['1920x240', 16, '16x2'],
])('a page of %s fits into %i pixels as %s', (page, longestSide, expected) => {
  const [width = 0, height = 0] = page.split('x').map(Number)
  const size = fitSize({ width, height }, longestSide)
  expect(`${size.width}x${size.height}`).toBe(expected)
})
