/** What sharing says. */
export const shareMessages = {
  share: 'Share',
  copied: 'Link copied.',
  notCopied: 'The browser did not let the page copy. Copy the link by hand:',
  link: 'The link',
  holds: (files: number, requests: number): string =>
    `It holds ${counted(files, 'file')}, the mode, the seed and ${requests === 0 ? 'no request yet' : counted(requests, 'request')}.`,
  step: (at: number, of: number): string => `It opens at step ${at} of ${of}.`,
  leftOut: 'Theme and pane sizes stay yours. Nothing is sent anywhere: all of it is in the address.',
  length: (chars: number): string => `${grouped(chars)} characters`,
  long: 'Over 2,000 characters: some chat programs cut such links. Close files that the example does not need.',
  close: 'Close',
  chipLink: 'shared scenario',
  chipKept: 'kept from last time',
  chipEdited: 'shared scenario, edited',
  back: 'Back to my work',
  backHint: 'What you had before was put aside',
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',')
}
