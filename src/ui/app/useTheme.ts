import { useEffect } from 'react'
import { useApp } from '../common/useApp.ts'
import { useMedia } from '../common/useMedia.ts'

/** Writes the theme to `<html data-theme>` and says which one it is. */
export function useTheme(): 'light' | 'dark' {
  const chosen = useApp((state) => state.layout.theme)
  const systemDark = useMedia('(prefers-color-scheme: dark)')
  const theme = chosen === 'system' ? (systemDark ? 'dark' : 'light') : chosen
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme
  }, [theme])
  return theme
}
