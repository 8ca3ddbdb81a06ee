import { describe, expect, it } from 'vitest'
import { editOutside } from './outsideFile.ts'

const service = { name: 'service.yaml', text: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: outside-world\n' }

const written = (text: string, key: 'load-balancer' | 'firewall' | 'names', value?: string) => {
  const edit = editOutside([service, { name: 'own.yaml', text }], key, value)
  const file = edit.files.find(({ name }) => name === edit.file)
  return { text: file?.text, line: file?.text.slice(edit.from, edit.to), file: edit.file }
}

const config = (data: string): string =>
  `kind: Namespace\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: outside-world\n  namespace: kube-system\n${data}---\nkind: List\n`

describe('editOutside', () => {
  it('writes the ConfigMap where no file has it, and sets the key', () => {
    const edit = editOutside([service], 'load-balancer', 'on')
    expect(edit.file).toBe('outside-world.yaml')
    const text = edit.files.at(-1)?.text ?? ''
    expect(text.slice(edit.from, edit.to)).toBe('load-balancer: "on"')
    expect(text).toContain('name: outside-world\n  namespace: kube-system\ndata:\n')
    expect(edit.files[0]).toBe(service)
  })

  it.each([
    ['sets a key', 'data:\n    load-balancer: off # none\n', 'data:\n    load-balancer: "on"\n'],
    ['adds a key', 'data:\n  firewall: tcp 80\n', 'data:\n  load-balancer: "on"\n  firewall: tcp 80\n'],
  ])('%s and leaves the rest of the text as it is', (_, before, after) => {
    expect(written(config(before), 'load-balancer', 'on')).toEqual({
      text: config(after),
      line: 'load-balancer: "on"',
      file: 'own.yaml',
    })
  })

  it('only goes to the line without a value', () => {
    const text = config('data:\n  firewall: |\n    tcp 30080\n')
    expect(written(text, 'firewall')).toEqual({ text, line: 'firewall: |', file: 'own.yaml' })
  })

  it('leaves a text alone that is laid out in another way', () => {
    const text = config('data: {load-balancer: "off"}\n')
    expect(written(text, 'load-balancer', 'on')).toMatchObject({ text, file: 'own.yaml' })
  })
})
