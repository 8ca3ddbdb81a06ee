export function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <path d="M2 16 Q6 4 11 11 T20 6" fill="none" stroke="var(--packet)" strokeWidth="2.4" strokeLinecap="round" />
      <circle cx="20" cy="6" r="2" fill="var(--packet)" />
      <circle cx="2" cy="16" r="2" fill="var(--packet)" />
    </svg>
  )
}
