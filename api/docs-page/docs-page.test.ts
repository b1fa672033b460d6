import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';
import { PAGE, SCRIPT } from './page';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe('GET /docs', () => {
  it('200: is a page for a browser, without a credential', async () => {
    const { status, headers, body } = await service.anonymous('GET', '/docs');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(body).toContain('<title>Sundial API</title>');
  });

  it('200: forbids the browser to load or ask anything elsewhere', async () => {
    const { headers } = await service.anonymous('GET', '/docs');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/https?:|\*/);
  });

  it('200: serves everything that the page names', async () => {
    const named = [...PAGE.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(named.length).toBeGreaterThan(3);
    for (const path of named) {
      const { status, body } = await service.anonymous('GET', path);
      expect([path, status, body === '']).toEqual([path, 200, false]);
    }
  });

  it('names no other server in what it runs by itself', () => {
    expect(PAGE + SCRIPT).not.toMatch(/https?:\/\/|src="\/\//);
  });
});
