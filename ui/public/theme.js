// Before the first paint: the chosen theme, if any; else the system's.
try {
  const theme = localStorage.getItem('sentinai.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be switched off; the system's theme is then right.
}
