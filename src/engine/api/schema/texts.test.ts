import { describe, expect, it } from 'vitest'
import { readBase64 } from './base64Text.ts'
import { timeFault } from './timeText.ts'

// Recorded from kube-apiserver and kubectl v1.35.4: ConfigMaps' binaryData and metadata.creationTimestamp.
describe('base64', () => {
  it.each([
    ['aGk=', 'aGk='],
    ['aGk=\n', 'aGk='],
    ['ab==', 'aQ=='],
    ['', ''],
    ['abc', 'illegal base64 data at input byte 0'],
    ['"YQ"', 'illegal base64 data at input byte 0'],
    ['aGk', 'illegal base64 data at input byte 0'],
    ['ab=c', 'illegal base64 data at input byte 2'],
    ['-_==', 'illegal base64 data at input byte 0'],
    ['aGkha', 'illegal base64 data at input byte 4'],
  ])('%j', (text, want) => {
    const read = readBase64(text)
    expect('problem' in read ? read.problem : read.text).toBe(want)
  })
})

describe('time', () => {
  it.each([
    ['2024-01-01T00:00:00Z', undefined],
    ['2024-01-01T00:00:00.5+01:00', undefined],
    ['2024-02-30T00:00:00Z', ': day out of range'],
    ['2024-13-01T00:00:00Z', ': month out of range'],
    ['2024-01-01T25:00:00Z', ': hour out of range'],
    ['2024-01-01 00:00:00Z', ' as "2006-01-02T15:04:05Z07:00": cannot parse " 00:00:00Z" as "T"'],
    ['2024-01-01T00:00:00', ' as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"'],
    ['abc', ' as "2006-01-02T15:04:05Z07:00": cannot parse "abc" as "2006"'],
    ['24-01-01', ' as "2006-01-02T15:04:05Z07:00": cannot parse "24-01-01" as "2006"'],
  ])('%j', (text, want) => {
    expect(timeFault(text)).toBe(want === undefined ? undefined : `parsing time ${JSON.stringify(text)}${want}`)
  })
})
