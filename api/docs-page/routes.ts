import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { answer, defineRoute } from '../http/route';
import type { Route } from '../http/route';
import { PAGE, SCRIPT } from './page';

const LIBRARY = path.dirname(require.resolve('swagger-ui-dist/package.json'));

/** Everything that the page needs comes from here, and it may ask nobody else. Its drawings are `data:` addresses. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface File {
  readonly path: string;
  readonly mediaType: string;
  readonly summary: string;
  readonly text: () => string | Promise<string>;
}

/** A reference to read and to try, which a browser makes of `/openapi.json`. */
export function docsPageRoutes(): Route[] {
  const files: File[] = [
    {
      path: '/docs',
      mediaType: 'text/html',
      summary: 'The reference of this API, to read and to try',
      text: () => PAGE,
    },
    {
      path: '/docs/reference.js',
      mediaType: 'text/javascript',
      summary: 'Script of the reference',
      text: () => SCRIPT,
    },
    {
      path: '/docs/swagger-ui-bundle.js',
      mediaType: 'text/javascript',
      summary: 'Library of the reference',
      text: () => ofLibrary('swagger-ui-bundle.js'),
    },
    {
      path: '/docs/swagger-ui.css',
      mediaType: 'text/css',
      summary: 'Style of the reference',
      text: () => ofLibrary('swagger-ui.css'),
    },
  ];
  return files.map(({ path: at, mediaType, summary, text }) =>
    defineRoute({
      method: 'get',
      path: at,
      tag: 'Health',
      summary,
      access: 'public',
      responses: {
        200: {
          description: 'The file.',
          schema: z.string(),
          mediaType: `${mediaType}; charset=utf-8`,
          headers: { 'Content-Security-Policy': 'What the page may load: nothing from elsewhere.' },
        },
      },
      async handle() {
        return answer(200, await text(), { 'Content-Security-Policy': POLICY });
      },
    }),
  );
}

function ofLibrary(name: string): Promise<string> {
  return readFile(path.join(LIBRARY, name), 'utf8');
}
