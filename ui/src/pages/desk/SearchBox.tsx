import { useRef, useState, type KeyboardEvent, type Ref } from 'react'
import { readSearch, type DeskSearch } from '../../api/filter'
import { Icon } from '../../ui/Icon'
import { Kbd } from '../../ui/Kbd'
import styles from './SearchBox.module.css'

interface SearchBoxProps {
  ref: Ref<HTMLInputElement>
  search: DeskSearch
  onSearch: (search: DeskSearch, change: { replace: boolean }) => void
  /** The search is done; the keyboard goes back to the list. */
  onDone: () => void
}

const pause = 250

/** Free text over title, ids and entities: words by their beginning. Shows the URL's text, and while somebody types, theirs. */
export function SearchBox({ ref, search, onSearch, onDone }: SearchBoxProps) {
  const [draft, setDraft] = useState<string>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const apply = (text: string) => {
    clearTimeout(timer.current)
    if (text.trim() !== (search.q ?? ''))
      onSearch(readSearch({ ...search, q: text.trim() }), { replace: draft !== undefined })
  }
  const type = (text: string) => {
    setDraft(text)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => apply(text), pause)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter' || (event.key === 'Escape' && !event.currentTarget.value)) {
      event.preventDefault()
      onDone()
    } else if (event.key === 'Escape') {
      event.preventDefault()
      type('')
    }
  }
  return (
    <div className={styles.box} role="search">
      <Icon name="search" size={14} />
      <input
        ref={ref}
        type="search"
        aria-label="Search title, id or entity"
        placeholder="Search title, id or entity"
        title="Every word finds what begins with it: words of titles, ids, entities"
        spellCheck={false}
        autoComplete="off"
        value={draft ?? search.q ?? ''}
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          if (draft !== undefined) apply(draft)
          setDraft(undefined)
        }}
      />
      <Kbd>/</Kbd>
    </div>
  )
}
