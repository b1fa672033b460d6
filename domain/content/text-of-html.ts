import { compile } from 'html-to-text';

const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
  selector,
  options: { uppercase: false },
}));

const convert = compile({
  // Lines are the mail program's business (RFC 5322 section 2.1.1 is kept by the transfer encoding).
  wordwrap: false,
  // The library recurses: without bounds a hostile document would end on its stack.
  limits: { maxDepth: 100, maxChildNodes: 10_000, ellipsis: '…' },
  selectors: [
    ...HEADINGS,
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
    // A picture has nothing to say where none can be shown.
    { selector: 'img', format: 'skip' },
  ],
});

/** The text part of a mail whose template has html alone: paragraphs, lists and the addresses of links. */
export function textOfHtml(html: string): string {
  return convert(html);
}
