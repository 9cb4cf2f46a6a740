import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '../limits.ts'
import { checkSeries, decimalsOf, formatSeriesName, parseSeriesName, type Series, seriesOf } from './series.ts'
import { splitSeriesList } from './series-list.ts'

const INVALID = { code: 'METRIC_INVALID' }
const metric = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,20}$/)
const labels = fc.dictionary(metric, fc.string({ unit: 'binary', maxLength: 20 }), {
  maxKeys: 4,
  noNullPrototype: true,
})
const series = (name: string, resolution: number | null = 1): Series => ({
  name,
  unit: 'none',
  kind: 'gauge',
  resolution,
})

test('labels are sorted and quoted in ASCII', () => {
  assert.equal(formatSeriesName('load1'), 'load1')
  assert.equal(formatSeriesName('m', { b: '1', a: 'x,"}{\\' }), String.raw`m{a="x,\"}{\\",b="1"}`)
  assert.equal(formatSeriesName('m', { a: 'Öl\n\u{1f600}\x7f' }), String.raw`m{a="\u00d6l\n\ud83d\ude00\u007f"}`)
})

test('a name is taken apart into what it was made of, whatever the labels hold', () => {
  fc.assert(
    fc.property(metric, labels, (name, pairs) => {
      const text = formatSeriesName(name, pairs)
      assert.match(text, /^[ -~]+$/)
      const parsed = parseSeriesName(text)
      assert.equal(parsed.metric, name)
      assert.deepEqual(new Map(Object.entries(parsed.labels)), new Map(Object.entries(pairs)))
      assert.equal(formatSeriesName(parsed.metric, parsed.labels), text)
    }),
    { seed: 11, numRuns: 300 },
  )
})

test('a label may be called __proto__', () => {
  assert.deepEqual(Object.entries(parseSeriesName('m{__proto__="x"}').labels), [['__proto__', 'x']])
})

test('text that is no series name is refused', () => {
  const odd = [
    '',
    '1m',
    'm ',
    'm{',
    'm}',
    'm{a}',
    'm{a=1}',
    'm{a="1"',
    'm{a="1"}x',
    'm{="1"}',
    'm{a="1"b="2"}',
    'm{a="\\q"}',
  ]
  for (const name of [...odd, 'm{a="\n"}', 'm{a="1",a="2"}', 'm{,}', 'ü', 'm{a="1"}{b="2"}']) {
    assert.throws(() => parseSeriesName(name), INVALID, name)
  }
  for (const name of ['', 'a b', 'a{']) assert.throws(() => formatSeriesName(name), INVALID, name)
  assert.throws(() => formatSeriesName('m', { 'a b': '' }), INVALID)
})

test('a series has one spelling', () => {
  for (const name of ['m{}', 'm{a="1",}', 'm{b="1",a="2"}', 'm{a="\\u0061"}', 'm{a="é"}', 'm{a="\\/"}']) {
    assert.doesNotThrow(() => parseSeriesName(name), name)
    assert.throws(() => checkSeries(series(name)), INVALID, name)
  }
  assert.doesNotThrow(() => checkSeries(series('m{a="2",b="1"}')))
})

test('a name of 255 bytes is the longest', () => {
  assert.doesNotThrow(() => checkSeries(series('m'.repeat(LIMITS.seriesNameBytes))))
  assert.throws(() => checkSeries(series('m'.repeat(LIMITS.seriesNameBytes + 1))), INVALID)
})

test('a resolution is a whole number or a decimal that is one over a whole number', () => {
  for (const resolution of [null, 1, 3, 1024, 2 ** 40, 0.5, 0.2, 0.1, 0.001, 0.000125, 1e-9]) {
    assert.doesNotThrow(() => checkSeries(series('m', resolution)), String(resolution))
  }
  for (const resolution of [
    0,
    -0,
    -1,
    -0.1,
    0.3,
    1.5,
    1 / 3,
    1e-10,
    2 ** 41,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    5e-324,
  ]) {
    assert.throws(() => checkSeries(series('m', resolution)), INVALID, String(resolution))
  }
  assert.deepEqual([1, 512, 0.5, 0.25, 0.001, 1e-9, 1e-10].map(decimalsOf), [0, 0, 1, 2, 3, 9, undefined])
})

test('a series of the catalogue takes the labels of its metric alone', () => {
  assert.deepEqual(seriesOf('disk_reads_total', { device: 'sda' }), {
    name: 'disk_reads_total{device="sda"}',
    unit: 'count',
    kind: 'counter',
    resolution: 1,
  })
  assert.throws(() => seriesOf('disk_reads_total', { cpu: '0' }), INVALID)
  assert.throws(() => seriesOf('nothing'), INVALID)
})

test('a list is split at the commas between names', () => {
  assert.deepEqual(splitSeriesList('a,b{x="1",y="2"}, c ,,'), ['a', 'b{x="1",y="2"}', 'c'])
  assert.deepEqual(splitSeriesList('a{x="}",y="{"},b{x="\\",",y=","},c'), ['a{x="}",y="{"}', 'b{x="\\",",y=","}', 'c'])
  assert.deepEqual(splitSeriesList(''), [])
  assert.deepEqual(splitSeriesList('a{x="1,b'), ['a{x="1,b'])
  assert.deepEqual(splitSeriesList(','.repeat(100_000)), [])
})

test('names that are joined by commas are split into the same names', () => {
  const name = fc.tuple(metric, labels).map(([text, pairs]) => formatSeriesName(text, pairs))
  fc.assert(
    fc.property(fc.array(name), (names) => {
      assert.deepEqual(splitSeriesList(names.join(',')), names)
    }),
    { seed: 12, numRuns: 200 },
  )
})
