/** The key that a tag reads: `footer.legal` of `{{t.footer.legal}}`; null when it reads something else. */
export function phraseKey(name: string): string | null {
  return name.startsWith('t.') ? name.slice('t.'.length) : null;
}
