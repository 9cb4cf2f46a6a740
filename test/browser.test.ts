import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launchBrowser, skipUnlessBrowser } from './browser.ts'

test('the browser of the tests opens a page and draws on a canvas', { skip: await skipUnlessBrowser() }, async () => {
  await using browser = await launchBrowser()
  const page = await browser.newPage()
  await page.setContent('<canvas></canvas>')
  const drawn = await page.evaluate(() => {
    const context = document.querySelector('canvas')?.getContext('2d')
    context?.fillRect(0, 0, 1, 1)
    return context?.getImageData(0, 0, 1, 1).data[3]
  })
  assert.equal(drawn, 255)
})
