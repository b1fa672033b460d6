import { compile } from 'html-to-text';

/** Stands where a document was too much to be read on. */
const CUT = '…';

const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
  selector,
  options: { uppercase: false },
}));

const convert = compile({
  // Lines are the mail program's business (RFC 5322 section 2.1.1 is kept by the transfer encoding).
  wordwrap: false,
  // The library recurses: without bounds a hostile document would end on its stack.
  limits: { maxDepth: 100, maxChildNodes: 10_000, ellipsis: CUT },
  selectors: [
    ...HEADINGS,
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
    // A picture has nothing to say where none can be shown.
    { selector: 'img', format: 'skip' },
  ],
});

/**
 * The parser moves all that is open at every tag, so that its time is the square of how deep a document nests: 10,000
 * deep take some 0.1 s, 200,000 took 20.
 */
const MOST_ELEMENTS = 10_000;
const SHORTEST_TAG = '<p>'.length;

/** The text part of a mail whose template has html alone: paragraphs, lists and the addresses of links. */
export function textOfHtml(html: string): string {
  const end = endOfElements(html);
  const text = convert(html.slice(0, end));
  return end === html.length || text.endsWith(CUT) ? text : `${text}${CUT}`;
}

/** Where the first element too many begins. */
function endOfElements(html: string): number {
  if (html.length <= MOST_ELEMENTS * SHORTEST_TAG) return html.length;
  let elements = 0;
  for (const { index } of html.matchAll(/<[a-z]/gi)) {
    elements += 1;
    if (elements > MOST_ELEMENTS) return index;
  }
  return html.length;
}
