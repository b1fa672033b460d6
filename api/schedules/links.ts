import { z } from 'zod';

export const linksView = z.strictObject({
  temporalUi: z.string().optional().meta({ description: "Its workflow in Temporal's Web UI." }),
});

/** @param temporalUiUrl base of Temporal's Web UI, when it is known. */
export function linksTo(temporalUiUrl: string | undefined, workflowId: string): z.input<typeof linksView> {
  if (temporalUiUrl === undefined) return {};
  const base = temporalUiUrl.replace(/\/+$/, '');
  return { temporalUi: `${base}/namespaces/default/workflows/${encodeURIComponent(workflowId)}` };
}
