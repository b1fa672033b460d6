import { TestWorkflowEnvironment } from '@temporalio/testing';
import { SEARCH_ATTRIBUTES } from '../temporal-dev/parts/search-attributes';
import { addAttributes } from '../temporal-dev/parts/temporal-attributes';
import { findTimeSkippingServer } from '../temporal-dev/parts/time-skipping-server';
import { openSetting } from '../temporal-dev/setting/setting';

/**
 * A Temporal whose clock skips to the next timer while a result is awaited, with our search attributes registered:
 * an unknown one would wedge a workflow. Only the workflow's clock skips, an activity's stays real. It misbehaves
 * with dozens of workflows at once, so use one environment for one or a few.
 */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const { cache, logs } = openSetting(process.env);
  const server = await findTimeSkippingServer(cache, logs);
  const environment = await startPatiently(server);
  await addAttributes(environment.connection, Object.keys(SEARCH_ATTRIBUTES));
  return environment;
}

/** The SDK gives its server five seconds to answer, which a busy machine's Java does not always make. */
const TRIES = 8;

/** Java comes up in half the time; a test is over before a better compiler pays. */
process.env['JAVA_TOOL_OPTIONS'] ??= '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';

async function startPatiently(path: string): Promise<TestWorkflowEnvironment> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({
        server: { executable: { type: 'existing-path', path } },
      });
    } catch (error) {
      if (attempt === TRIES || !String(error).includes('did not start')) throw error;
    }
  }
}
