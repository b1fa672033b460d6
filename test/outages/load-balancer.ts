import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { readinessOf } from './client';
import type { OwnApi } from '../../temporal-dev/house/own-stack';

/** Passes requests on to the instances that say they are ready, over connections that it keeps. */
export interface LoadBalancer {
  readonly url: string;
  add(api: OwnApi): void;
  /** Whether requests go to that instance now. */
  uses(api: OwnApi): boolean;
  /** Requests that an instance has answered. */
  answeredBy(api: OwnApi): number;
  /** Requests that an instance took and did not answer, or whose answer broke off. */
  broken(): number;
  close(): Promise<void>;
}

const ASK_EVERY_MS = 200;

interface Instance {
  readonly api: OwnApi;
  readonly agent: Agent;
  ready: boolean;
  answered: number;
}

export async function startLoadBalancer(): Promise<LoadBalancer> {
  const instances: Instance[] = [];
  let turn = 0;
  let broken = 0;

  const checks = setInterval(() => {
    for (const instance of instances) {
      readinessOf(instance.api).then(
        ({ status }) => (instance.ready = status === 200),
        () => (instance.ready = false),
      );
    }
  }, ASK_EVERY_MS);

  function pass(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
    const ready = instances.filter((instance) => instance.ready);
    const instance = ready[(turn += 1) % ready.length];
    if (!instance) {
      outgoing.writeHead(502).end();
      return;
    }
    const { method, headers, url = '/' } = incoming;
    const fail = (error: Error): void => {
      // Nobody took the request: another one may.
      if (Reflect.get(error, 'code') === 'ECONNREFUSED') {
        instance.ready = false;
        pass(incoming, body, outgoing);
        return;
      }
      broken += 1;
      outgoing.destroy();
    };
    const passed = request(instance.api.url + url, { method, headers, agent: instance.agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? '' });
      answer.on('end', () => (instance.answered += 1));
      answer.on('error', fail);
      answer.pipe(outgoing);
    });
    passed.on('error', fail);
    passed.end(body);
  }

  const server = createServer((incoming, outgoing) => {
    buffer(incoming).then(
      (body) => pass(incoming, body, outgoing),
      () => outgoing.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const instanceOf = (api: OwnApi): Instance | undefined => instances.find((one) => one.api === api);

  return {
    url: `http://127.0.0.1:${port}`,
    add: (api) => instances.push({ api, agent: new Agent({ keepAlive: true }), ready: false, answered: 0 }),
    uses: (api) => instanceOf(api)?.ready === true,
    answeredBy: (api) => instanceOf(api)?.answered ?? 0,
    broken: () => broken,
    async close() {
      clearInterval(checks);
      for (const { agent } of instances) agent.destroy();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
