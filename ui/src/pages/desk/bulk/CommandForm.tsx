import { useQuery } from '@tanstack/react-query'
import type { SubmitEvent } from 'react'
import type { BulkCommand } from '../../../api/bulk'
import type { Codes } from '../../../api/codes'
import { filterQuery, type DeskSearch } from '../../../api/filter'
import { problemText } from '../../../api/problem'
import { facetsOf } from '../../../api/queries'
import type { Pack } from '../../../api/types'
import { peopleQuery } from '../../../api/work'
import { queryString } from '../../../paths'
import { Button } from '../../../ui/Button'
import { filterLine } from '../../bulk/words'
import { BulkField } from './BulkField'
import { commandOf, fieldsOf, verbs, verbWords, type Values, type Verb } from './forms'
import styles from './BulkDialog.module.css'

interface CommandFormProps {
  tenantId: string
  search: DeskSearch
  pack: Pack | undefined
  codes: Codes | undefined
  verb: Verb
  values: Values
  pending: boolean
  onVerb: (verb: Verb) => void
  onValues: (values: Values) => void
  onPreview: (command: BulkCommand) => void
}

export function CommandForm(props: CommandFormProps) {
  const { tenantId, search, pack, codes, verb, values, pending, onVerb, onValues, onPreview } = props
  const people = useQuery({ ...peopleQuery(tenantId), enabled: verb === 'assign' })
  const facets = useQuery(facetsOf(tenantId, search)).data
  const types = search.type ?? facets?.type.filter(({ count }) => count > 0).map(({ value }) => value) ?? []
  const assignable = people.data?.filter((person) => person.assignable).map(({ name }) => name) ?? []
  const fields = fieldsOf(verb, { codes, types, pack, people: assignable }, values)
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!pending) onPreview(commandOf(verb, fields, values))
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <p className={styles.about}>{filterLine(queryString(filterQuery(search)), pack)}</p>
      <div className={styles.field}>
        <label htmlFor="bulk-command">Command</label>
        <select
          id="bulk-command"
          value={verb}
          onChange={(event) => onVerb(verbs.find((one) => one === event.target.value) ?? verb)}
        >
          {verbs.map((one) => (
            <option key={one} value={one}>
              {verbWords[one]}
            </option>
          ))}
        </select>
      </div>
      {fields.map((field) => (
        <BulkField
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          onChange={(value) => onValues({ ...values, [field.name]: value })}
        />
      ))}
      {people.isError ? (
        <p className={styles.error} role="alert">
          {problemText(people.error).detail}
        </p>
      ) : null}
      <div className={styles.foot}>
        <Button look="primary" type="submit" disabled={pending}>
          {pending ? 'Looking at each…' : 'Preview'}
        </Button>
        <span className={styles.mute}>Nothing changes yet.</span>
      </div>
    </form>
  )
}
