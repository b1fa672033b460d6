import { z } from 'zod';
import type { RouteDeps } from '../deps';
import { answer, defineRoute } from '../http/route';
import type { Route } from '../http/route';
import { frontPage } from './page';
import type { Place } from './page';

/** What the API's bare address shows. */
export function frontPageRoutes({ config }: RouteDeps): Route[] {
  const places: Place[] = [
    { href: '/docs', name: 'docs', what: 'is the reference, to read and to try.' },
    { href: '/openapi.json', name: 'openapi.json', what: 'describes every route, field and error.' },
    { href: '/readyz', name: 'readyz', what: 'says which parts are up and which zone data are in use.' },
    { href: '/metrics', name: 'metrics', what: 'are for Prometheus.' },
  ];
  if (config.temporalUiUrl !== undefined) {
    places.push({
      href: config.temporalUiUrl,
      name: "Temporal's Web UI",
      what: 'shows every schedule, its state and what it waits for.',
    });
  }
  const page = frontPage(places);
  return [
    defineRoute({
      method: 'get',
      path: '/',
      tag: 'Health',
      summary: 'A page for people, with links to what there is',
      access: 'public',
      responses: {
        200: { description: 'A page.', schema: z.string(), mediaType: 'text/html; charset=utf-8' },
      },
      async handle() {
        return answer(200, page);
      },
    }),
  ];
}
