import { useState } from 'react'
import { loadLinkCodec } from '../../state/linkCodec.ts'
import { Button } from '../common/Button.tsx'
import { useApp } from '../common/useApp.ts'
import css from './Banners.module.css'
import { appMessages as say } from './messages.ts'

/** What went wrong as a whole: a link that cannot be opened, or a bug of ours. */
export function Banners() {
  const linkError = useApp((state) => state.share.error)
  const crash = useApp((state) => state.cluster.crash)
  const noteShare = useApp((state) => state.noteShare)
  const dismissCrash = useApp((state) => state.dismissCrash)
  const [copied, setCopied] = useState(false)
  return (
    <div className={css['banners']}>
      {linkError && (
        <div role="alert" className={css['banner']} data-tone="changed">
          <p>{say.brokenLink(linkError)}</p>
          <Button
            onClick={() => {
              noteShare({ error: undefined })
            }}
          >
            {say.close}
          </Button>
        </div>
      )}
      {crash && (
        <div role="alert" className={css['banner']} data-tone="bad">
          <p>
            <strong>{say.crash.title}</strong> {say.crash.text} <code>{crash.message}</code>
          </p>
          <Button
            onClick={() => {
              void loadLinkCodec()
                .then(({ encodeLink }) => {
                  const fragment = encodeLink({ seed: crash.seed, inputs: crash.inputs })
                  return navigator.clipboard.writeText(`${location.origin}${location.pathname}${fragment}`)
                })
                .then(() => {
                  setCopied(true)
                })
            }}
          >
            {copied ? say.crash.copied : say.crash.copy}
          </Button>
          <Button onClick={dismissCrash}>{say.crash.dismiss}</Button>
        </div>
      )}
    </div>
  )
}
