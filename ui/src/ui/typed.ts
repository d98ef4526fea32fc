const typed = 'dialog[open] :is(textarea, input:not([type]), input[type="text"])'

/** Whether somebody has typed into a dialog that is open. */
export const isTypedIn = () =>
  [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(typed)].some((field) => field.value.trim())
