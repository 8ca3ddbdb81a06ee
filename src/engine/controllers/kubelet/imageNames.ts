/** `nginx` as `docker.io/library/nginx:latest`. Source: distribution/reference ParseNormalizedNamed. */
export function fullReference(image: string): string {
  const [first = ''] = image.split('/')
  const isHost = image.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  const path = isHost ? image : image.includes('/') ? `docker.io/${image}` : `docker.io/library/${image}`
  return image.includes('@') || image.slice(image.lastIndexOf('/') + 1).includes(':') ? path : `${path}:latest`
}
