import { IconButton } from './Button'
import { useTheme } from './theme'

export function ThemeToggle() {
  const { theme, next, toggle } = useTheme()
  return <IconButton icon={theme} label={`Theme: ${theme}. Switch to ${next}.`} onClick={toggle} />
}
