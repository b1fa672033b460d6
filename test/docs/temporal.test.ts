import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../eventually';
import { call } from '../outages/client';
import { openOperator } from './docker/operator';
import type { Operator } from './docker/operator';
import { openGuide } from './guide';

jest.setTimeout(300_000);

let operator: Operator;
let id: string;

beforeAll(async () => {
  operator = await openOperator();
  const { docker, terminal, paste } = operator;
  await paste('docker compose up --detach api worker codec');
  const { api, codec, temporal } = docker.containers;
  mkdirSync(path.join(terminal.folder, '.sundial'));
  const addresses = { api, temporal, codec: `${codec}/codec` };
  writeFileSync(path.join(terminal.folder, '.sundial', 'stack.json'), JSON.stringify(addresses));
  const schedule = {
    name: 'Sleeps',
    channel: 'email',
    content: { subject: 'Later', body: 'It is time.' },
    delay: 'P30D',
  };
  const { body } = await call(operator, { url: api }, 'POST', '/v1/schedules', schedule);
  id = body.id;
  await paste(`export ID=${id}`);
  const applied = async (): Promise<boolean> =>
    (await call(operator, { url: api }, 'GET', `/v1/schedules/${id}`)).body.appliedVersion === 1;
  await eventually('the schedule sleeps', applied);
});

afterAll(() => operator.close());

interface Described {
  readonly workflowExecutionInfo: { readonly status: string; readonly execution: { readonly runId: string } };
}

async function describeWorkflow(workflowId: string): Promise<Described['workflowExecutionInfo']> {
  const { code, said } = await operator.terminal.run(
    `temporal workflow describe --workflow-id ${workflowId} --output json`,
  );
  expect({ said, code }).toEqual({ said, code: 0 });
  return (JSON.parse(said) as Described).workflowExecutionInfo;
}

const isRunning = async (workflowId: string): Promise<boolean> =>
  (await describeWorkflow(workflowId)).status === 'WORKFLOW_EXECUTION_STATUS_RUNNING';

/** With Temporal's own command line against its own server. */
describe("the pages on Temporal's command line", () => {
  it('docs/encryption.md: shows a history decoded, and sealed without the codec', async () => {
    const guide = openGuide('docs/encryption.md', __filename);
    const { said: decoded } = await operator.paste(guide.take('Reading histories in the Web UI'));
    const { said: sealed } = await operator.paste(
      'temporal workflow show --workflow-id "schedule/$ID" --output json',
    );
    expect(decoded).toContain(id);
    expect(decoded).not.toMatch(/"encoding": "YmluYXJ5L2VuY3J5cHRlZA=="|binary\/encrypted/);
    expect(sealed).toMatch(/YmluYXJ5L2VuY3J5cHRlZA==|binary\/encrypted/);
    expect(guide.left()).toEqual([]);
  });

  it('docs/steward.md: lets the steward begin at once, and start anew when it was ended', async () => {
    const guide = openGuide('docs/steward.md', __filename);
    await operator.paste(guide.take('Now'));
    const { said } = await operator.paste(
      'temporal workflow show --workflow-id steward/rebuild --output json',
    );
    expect(said).toContain('"signalName": "now"');
    const { execution: before } = await describeWorkflow('steward/revive');
    await operator.paste(guide.inline('temporal workflow terminate --workflow-id steward/revive'));
    await eventually(
      'another run of the steward',
      async () =>
        (await isRunning('steward/revive')) &&
        (await describeWorkflow('steward/revive')).execution.runId !== before.runId,
      { withinMs: 60_000, everyMs: 250 },
    );
    expect(guide.left()).toEqual([]);
  });

  it('docs/web-ui.md: finds what is alive', async () => {
    const guide = openGuide('docs/web-ui.md', __filename);
    guide.inline('temporal workflow describe -w schedule/<id>');
    await operator.paste(`temporal workflow describe -w schedule/${id}`);
    await operator.paste(guide.inline(`temporal workflow list --query 'SundialState = "running"'`));
  });

  it('docs/production.md: changes how long closed histories stay', async () => {
    const guide = openGuide('docs/production.md', __filename);
    const words = 'temporal operator namespace update --namespace default --retention 24h';
    await operator.paste(guide.inline(words));
    const { said } = await operator.paste(
      'temporal operator namespace describe --namespace default --output json',
    );
    expect(said).toContain('"workflowExecutionRetentionTtl": "86400s"');
  });
});
