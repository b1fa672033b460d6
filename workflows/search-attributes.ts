import { defineSearchAttributeKey } from '@temporalio/common';
import type { SearchAttributePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Instant } from '../domain/time/instant';
import { SEARCH_ATTRIBUTE } from './contract';

const tenantKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.tenant, 'KEYWORD');
const scheduleKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.schedule, 'KEYWORD');
const stateKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.state, 'KEYWORD');
const nextFireKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.nextFire, 'DATETIME');

/** What an occurrence is found by from its start on. */
export function occurrenceAttributes(tenantId: number, scheduleId: string): SearchAttributePair[] {
  return [
    { key: tenantKey, value: String(tenantId) },
    { key: scheduleKey, value: scheduleId },
    { key: stateKey, value: 'running' },
  ];
}

/** Each upsert is an event and a write to the visibility store: only a change is worth it. */
export function showState(state: string, nextFire: Instant | null): void {
  const shown = workflowInfo().typedSearchAttributes;
  const sameFire = (shown.get(nextFireKey)?.getTime() ?? null) === nextFire;
  if (shown.get(stateKey) === state && sameFire) return;
  upsertSearchAttributes([
    { key: stateKey, value: state },
    { key: nextFireKey, value: nextFire === null ? null : new Date(nextFire) },
  ]);
}
