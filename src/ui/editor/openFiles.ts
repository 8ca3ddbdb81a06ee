/** Puts each file into the editor, with the line ends that the engine counts in. */
export async function openFiles(
  files: ArrayLike<File> | null,
  addFile: (name: string, text: string) => void,
): Promise<void> {
  for (const file of Array.from(files ?? [])) {
    const text = await file.text()
    addFile(file.name, text.replaceAll('\r\n', '\n'))
  }
}
