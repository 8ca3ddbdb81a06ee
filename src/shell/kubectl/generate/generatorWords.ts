/** Decimal digits only. */
export function isNumber(text: string): boolean {
  return /^\d+$/.test(text)
}

/** Whether `image` can be the name of an image. Source: distribution/reference. */
export function isImageName(image: string): boolean {
  const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
  const domain =
    '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?'
  const digest = '(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?'
  return new RegExp(`^(?:${domain}/)?${component}(?:/${component})*(?::[\\w][\\w.-]{0,127})?${digest}$`).test(image)
}

/** What is wrong with the name of a port. Source: apimachinery util/validation, IsValidPortName. */
export function portNameFaults(text: string): readonly string[] {
  const faults: string[] = []
  if (text.length > 15) faults.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(text)) faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(text)) faults.push('must contain at least one letter (a-z)')
  if (text.includes('--')) faults.push('must not contain consecutive hyphens')
  if (text.startsWith('-') || text.endsWith('-')) faults.push('must not begin or end with a hyphen')
  return faults
}
