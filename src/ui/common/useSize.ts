import { useEffect, useState } from 'react'
import type { RefObject } from 'react'

/** The element's size in CSS px; zeros before it is on screen. */
export function useSize(element: RefObject<Element | null>): { readonly width: number; readonly height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 })
  useEffect(() => {
    if (!element.current) return
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return
      const { width, height } = entry.contentRect
      setSize({ width: Math.round(width), height: Math.round(height) })
    })
    observer.observe(element.current)
    return () => {
      observer.disconnect()
    }
  }, [element])
  return size
}
