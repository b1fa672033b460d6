import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';
import { frontPage } from './page';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

it('200: a browser that opens the address of the API finds its way without a credential', async () => {
  const { status, headers, body } = await service.anonymous('GET', '/');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(body).toContain('<a href="/openapi.json">');
});

it('escapes what it shows', () => {
  const page = frontPage([{ href: '"><script>', name: '<b>', what: '&' }]);
  expect(page).toContain('<a href="&quot;>&lt;script>">&lt;b></a> &amp;');
});
