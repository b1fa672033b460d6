import type { CompiledTemplate, TemplateNode } from './compiled-template';
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
  readonly parts: string[];
  steps: number;
  length: number;
}

/** Renders plain text: values as they are. @throws RenderLimitError */
export function renderText(template: CompiledTemplate, scope: Scope | null): string {
  return render(template, scope, (text) => text);
}

/** Renders HTML: values escaped, unless the tag is `{{{name}}}` or `{{& name}}`. @throws RenderLimitError */
export function renderHtml(template: CompiledTemplate, scope: Scope | null): string {
  return render(template, scope, escapeHtml);
}

function render(template: CompiledTemplate, scope: Scope | null, escape: (text: string) => string): string {
  const rendering: Rendering = { escape, parts: [], steps: 0, length: 0 };
  for (const node of template) renderNode(node, scope, rendering);
  return rendering.parts.join('');
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
      const text = textOf(lookUp(scope, node.name));
      write(node.raw ? text : rendering.escape(text), rendering);
      break;
    }
    case 'section': {
      const value = lookUp(scope, node.name);
      if (!isEmpty(value)) renderSection(node.body, value, scope, rendering);
      break;
    }
    case 'inverted':
      if (isEmpty(lookUp(scope, node.name))) renderSection(node.body, true, scope, rendering);
      break;
  }
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
  rendering.length += text.length;
  if (rendering.length > LONGEST_OUTPUT) throw new RenderLimitError('The rendered text is too long.');
  rendering.parts.push(text);
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
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
