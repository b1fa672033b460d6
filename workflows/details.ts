import { setCurrentDetails } from '@temporalio/workflow';

/**
 * Says in the Web UI what a workflow does or waits for, and leads from there to what it does it for.
 * @param link from an activity's answer; undefined when no public address is configured, or in histories from before.
 */
export function showDetails(text: string, link: string | undefined): void {
  setCurrentDetails(link === undefined ? text : `${text}\n\n[Open in Sundial](${link})`);
}
