import type { CompiledTemplate, TemplateNode } from './compiled-template';
import { NO_PHRASES } from './phrases';
import type { Phrases } from './phrases';
import { lookUp } from './scope';
import type { Scope } from './scope';

/** A template that would render without end, or into more than a message can be. */
export class RenderLimitError extends Error {
  override readonly name = 'RenderLimitError';
}

/** Nested lists multiply: these bound what one text can cost. */
const MOST_STEPS = 200_000;
const LONGEST_OUTPUT = 1024 * 1024;

interface Rendering {
  readonly escape: (text: string) => string;
  readonly phrases: Phrases;
  written: string;
  steps: number;
}

/** Renders plain text: values as they are. @throws RenderLimitError */
export function renderText(
  template: CompiledTemplate,
  scope: Scope | null,
  phrases: Phrases = NO_PHRASES,
): string {
  return render(template, scope, (text) => text, phrases);
}

/** Renders HTML: values escaped, unless the tag is `{{{name}}}` or `{{& name}}`. @throws RenderLimitError */
export function renderHtml(
  template: CompiledTemplate,
  scope: Scope | null,
  phrases: Phrases = NO_PHRASES,
): string {
  return render(template, scope, escapeHtml, phrases);
}

function render(
  template: CompiledTemplate,
  scope: Scope | null,
  escape: (text: string) => string,
  phrases: Phrases,
): string {
  const rendering: Rendering = { escape, phrases, written: '', steps: 0 };
  for (const node of template) renderNode(node, scope, rendering);
  return rendering.written;
}

function renderNode(node: TemplateNode, scope: Scope | null, rendering: Rendering): void {
  rendering.steps += 1;
  if (rendering.steps > MOST_STEPS)
    throw new RenderLimitError('The template takes too many steps to render.');
  switch (node.kind) {
    case 'text':
      write(node.text, rendering);
      break;
    case 'value': {
      const phrase = node.phrase === null ? undefined : rendering.phrases.get(node.phrase);
      if (phrase) renderPhrase(phrase, node.raw ? 'markup' : 'plain', scope, rendering);
      else {
        const text = textOf(lookUp(scope, node.path));
        write(node.raw ? text : rendering.escape(text), rendering);
      }
      break;
    }
    case 'section': {
      const value = lookUp(scope, node.path);
      if (!isEmpty(value)) renderSection(node.body, value, scope, rendering);
      break;
    }
    case 'inverted':
      if (isEmpty(lookUp(scope, node.path))) renderSection(node.body, true, scope, rendering);
      break;
  }
}

/**
 * A text of the string tables, with values of its own. `{{t.key}}` escapes it like any text; `{{{t.key}}}` takes it
 * for markup, in which values are escaped as in the text around it.
 */
function renderPhrase(
  phrase: CompiledTemplate,
  form: 'markup' | 'plain',
  scope: Scope | null,
  rendering: Rendering,
): void {
  // A phrase within a phrase is refused on write; nothing that is stored may recurse all the same.
  const inner: Rendering = {
    ...rendering,
    phrases: NO_PHRASES,
    ...(form === 'plain' && { escape: (text) => text, written: '' }),
  };
  for (const node of phrase) renderNode(node, scope, inner);
  rendering.steps = inner.steps;
  if (form === 'plain') write(rendering.escape(inner.written), rendering);
  else rendering.written = inner.written;
}

/** Once for each item of a list, once for anything else; what is not `true` becomes the innermost frame. */
function renderSection(
  body: CompiledTemplate,
  value: unknown,
  scope: Scope | null,
  rendering: Rendering,
): void {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const item of items) {
    rendering.steps += 1;
    const inner = value === true ? scope : { value: item, outer: scope };
    for (const node of body) renderNode(node, inner, rendering);
  }
}

function write(text: string, rendering: Rendering): void {
  rendering.written += text;
  if (rendering.written.length > LONGEST_OUTPUT) throw new RenderLimitError('The rendered text is too long.');
}

/** What Mustache takes for false: nothing, an empty list, an empty text, zero. */
function isEmpty(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

/** Lists are joined by commas; an object has no text. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.map(textOf).join(',') : '';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  // Most values need nothing, and asking is cheaper than replacing.
  if (!/[&<>"']/.test(text)) return text;
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
