import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { timeSkippingEnvironment } from '../time-skipping';

/** The SDK gives a server five seconds to come up, which a busy machine may need for Java alone. */
const TRIES = 6;
/** What makes Java come up in half the time; a test is over before a better compiler pays. */
process.env['JAVA_TOOL_OPTIONS'] ??= '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';

export async function patientTimeSkipping(): Promise<TestWorkflowEnvironment> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await timeSkippingEnvironment();
    } catch (error) {
      if (attempt === TRIES || !String(error).includes('did not start')) throw error;
    }
  }
}
