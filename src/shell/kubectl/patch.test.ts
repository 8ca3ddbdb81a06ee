import { expect, it } from 'vitest'
import { emptyShell } from '../testing/emptyCluster.ts'

// `kubectl patch svc kubernetes ...` of v1.35.4 on a v1.35.4 API server.
it.each([
  [
    "-p 'x'",
    'Error from server (BadRequest): json: cannot unmarshal string into Go value of type map[string]interface {}',
  ],
  ["-p '{bad'", "Error from server (BadRequest): invalid character 'b' looking for beginning of object key string"],
  [
    `--type=json -p '{"op":"add"}'`,
    'Error from server (BadRequest): error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  ],
])('a patch that is none: %s', (flags, stderr) => {
  expect(emptyShell({ files: {} }).run(`kubectl patch svc kubernetes ${flags}`)).toEqual({
    stdout: '',
    stderr: `${stderr}\n`,
    rc: 1,
  })
})
