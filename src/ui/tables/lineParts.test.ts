import { expect, it } from 'vitest'
import { partsOf } from './lineParts.ts'

it.each([
  {
    text: '-A KUBE-SERVICES -d 10.98.98.98/32 -p tcp -m comment --comment "dev/web \\"a\\" cluster IP" -m tcp --dport 80 -j KUBE-SVC-X',
    compared: ['10.98.98.98/32', 'tcp', '80'],
    comments: ['-m comment --comment "dev/web \\"a\\" cluster IP"'],
  },
  {
    text: '-A KUBE-SEP-B -p tcp -m comment --comment dev/web -m tcp -j DNAT --to-destination 10.244.2.33:80',
    compared: ['tcp', '10.244.2.33:80'],
    comments: ['-m comment --comment dev/web'],
  },
  { text: '-A KUBE-SVC-X ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ', compared: ['10.244.0.0/16'], comments: [] },
  { text: '# -d 10.0.0.1', compared: [], comments: [] },
  { text: '', compared: [], comments: [] },
])('$text', ({ text, compared, comments }) => {
  const parts = partsOf(text)
  const of = (kind: string) => parts.filter((part) => part.kind === kind).map((part) => part.text)
  expect(parts.map((part) => part.text).join('')).toBe(text)
  expect(of('compared')).toEqual(compared)
  expect(of('comment')).toEqual(comments)
})
