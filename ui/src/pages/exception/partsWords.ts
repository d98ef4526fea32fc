// How the parts of an exception stand, in words.
import type { ExceptionDetail } from '../../api/types'
import { severityWords } from '../../components/words'

type Parts = ExceptionDetail['children']

/** `1 of 2 open, the worst of them High`. */
export function partsLine({ total, open, highestSeverity }: Omit<Parts, 'items'>): string {
  if (open === 0) return total === 1 ? 'resolved' : `all ${total.toLocaleString('en-US')} resolved`
  const worst = highestSeverity ? severityWords[highestSeverity] : undefined
  const count = `${open.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} open`
  if (!worst) return count
  return open === 1 ? `${count}: ${worst}` : `${count}, the worst ${worst}`
}

/** What is said of those that are not named one by one; nothing where all are. */
export function unnamedLine({ total, items }: Pick<Parts, 'total' | 'items'>): string | undefined {
  const more = total - items.length
  return more > 0 ? `and ${more.toLocaleString('en-US')} more, less severe or due later` : undefined
}
