import type { StateCreator } from 'zustand/vanilla'
import type { ManifestFile, SimPort } from '../bridge/protocol.ts'
import { editOutside } from './outsideFile.ts'
import type { AppState, Manifests, ManifestsSlice } from './appState.ts'

export const createManifestsSlice =
  (port: SimPort): StateCreator<AppState, [], [], ManifestsSlice> =>
  (set, get) => {
    const patch = (change: Partial<Manifests>): void => {
      set(({ manifests }) => ({ manifests: { ...manifests, ...change } }))
    }
    return {
      setOutside: (setting, value) => {
        const { files, file, from, to } = editOutside(get().manifests.files, setting, value)
        patch({ files })
        get().jumpTo(file, from, to)
        get().apply()
      },
      manifests: { files: [], active: '', faults: [], messages: [], applied: [], applying: false },
      editFile: (name, text) => {
        const { files } = get().manifests
        patch({ files: files.map((file) => (file.name === name && file.text !== text ? { name, text } : file)) })
      },
      addFile: (wanted, text) => {
        const { files } = get().manifests
        const name = freeName(wanted, files)
        patch({ files: [...files, { name, text }], active: name })
      },
      renameFile: (from, wanted) => {
        const to = wanted.trim()
        const { files, active, faults } = get().manifests
        if (to === '' || files.some((file) => file.name === to)) return
        patch({
          files: files.map((file) => (file.name === from ? { ...file, name: to } : file)),
          faults: faults.map((fault) => (fault.file === from ? { ...fault, file: to } : fault)),
          active: active === from ? to : active,
        })
      },
      closeFile: (name) => {
        const { files, active, faults } = get().manifests
        const at = files.findIndex((file) => file.name === name)
        if (at < 0) return
        if (files.length === 1) {
          patch({ files: [{ name, text: '' }], faults: [] })
          return
        }
        const rest = files.filter((file) => file.name !== name)
        const next = rest[Math.min(at, rest.length - 1)]
        patch({
          files: rest,
          active: active === name && next ? next.name : active,
          faults: faults.filter((fault) => fault.file !== name),
        })
      },
      activateFile: (name) => {
        if (get().manifests.files.some((file) => file.name === name)) patch({ active: name })
      },
      apply: (options) => {
        const { files } = get().manifests
        if (options?.force !== true && !isDirty(get().manifests)) return
        patch({ applied: files, applying: true })
        const input = { type: 'apply', files } as const
        get().remember(input)
        port.send({ type: 'input', input })
      },
      jumpTo: (file, from, to) => {
        const { jump } = get().manifests
        patch({ active: file, jump: { file, from, to, id: (jump?.id ?? 0) + 1 } })
      },
    }
  }

/** Whether the editor holds something that was not applied. */
export function isDirty({ files, applied }: Manifests): boolean {
  return (
    files.length !== applied.length ||
    files.some((file, i) => file.name !== applied[i]?.name || file.text !== applied[i].text)
  )
}

function freeName(wanted: string, files: readonly ManifestFile[]): string {
  const taken = new Set(files.map((file) => file.name))
  if (!taken.has(wanted)) return wanted
  const dot = wanted.lastIndexOf('.')
  const [stem, end] = dot > 0 ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, '']
  let n = 2
  while (taken.has(`${stem}-${n}${end}`)) n += 1
  return `${stem}-${n}${end}`
}
