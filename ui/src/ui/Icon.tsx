// Line icons on a 16 px grid. Always beside text or inside a labelled control, hence hidden from readers.

const shapes = {
  ageing: 'M3 13.5v-4 M6.5 13.5v-7 M10 13.5V9 M13.5 13.5v-11',
  alert: 'M8 2.5 14 13H2L8 2.5Z M8 6.5v3 M8 11.2v.1',
  auto: 'M2.5 3.5h11v7h-11z M6 13h4 M8 10.5V13',
  book: 'M3 3.5c2-.8 3.8-.6 5 .5 1.2-1.1 3-1.3 5-.5v9c-2-.8-3.8-.6-5 .5-1.2-1.1-3-1.3-5-.5v-9Z M8 4v9',
  bulk: 'M2.5 2.5h8v8h-8z M5.5 13.5h8v-8 M4.5 6.5l1.5 1.5 2.5-3',
  check: 'm3 8.5 3.2 3L13 4.5',
  chevron: 'm6 3.5 4.5 4.5L6 12.5',
  close: 'm4 4 8 8 M12 4l-8 8',
  copy: 'M5.5 5.5h8v8h-8z M10.5 5.5v-3h-8v8h3',
  dark: 'M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6Z',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z',
  eyeOff: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z M2.5 13.5l11-11',
  filter: 'M2 4h12 M4.5 8h7 M6.5 12h3',
  inbox: 'M2 9.5 4 3h8l2 6.5V13H2V9.5Z M2 9.5h3.5l1 1.5h3l1-1.5H14',
  jobs: 'M2.5 4h1 M6 4h7.5 M2.5 8h1 M6 8h7.5 M2.5 12h1 M6 12h4.5',
  keyboard: 'M1.5 4h13v8h-13z M4 6.5h.1 M7 6.5h.1 M9.5 6.5h.1 M12 6.5h.1 M5 9.5h6',
  light:
    'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z M8 1.5v1.3 M8 13.2v1.3 M1.5 8h1.3 M13.2 8h1.3 M3.4 3.4l.9.9 M11.7 11.7l.9.9 M3.4 12.6l.9-.9 M11.7 4.3l.9-.9',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7L8 4.3 M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7L8 11.7',
  lock: 'M3.5 7.5h9v6h-9z M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  logout: 'M6 2.5H2.5v11H6 M6.5 8H14 M11 5l3 3-3 3',
  person: 'M8 2.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z M3 13.5c.4-2.6 2.4-4 5-4s4.6 1.4 5 4',
  quarantine: 'M8 1.8 13.5 4v4c0 3.3-2.3 5.3-5.5 6.3C4.8 13.3 2.5 11.3 2.5 8V4L8 1.8Z M6 6l4 4 M10 6l-4 4',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z M10.5 10.5l3 3',
  system: 'M2 3h12v8H2z M6 13.5h4',
  two: 'M5.5 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z M1.5 12.5c.4-2 2-3 4-3s3.6 1 4 3 M11 4.5a1.8 1.8 0 1 1 0 3.5 M11.5 9.7c1.6.2 2.6 1.1 3 2.8',
} as const

export type IconName = keyof typeof shapes

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={shapes[name]} />
    </svg>
  )
}
