import { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { SEARCH_ATTRIBUTES } from './search-attributes';

/** The namespace that worker and API use. */
export const NAMESPACE = 'default';
const CONNECTS_WITHIN_MS = 3_000;

/** Our search attributes that the server at this address does not know yet. */
export function missingAttributes(address: string): Promise<string[]> {
  return connected(address, (connection) => missingAt(connection));
}

/** An unknown attribute wedges a workflow for ever, so a server of somebody else's is taught ours first. */
export function registerAttributes(address: string): Promise<void> {
  return connected(address, async (connection) => {
    await addMissingAttributes(connection);
  });
}

/** Adds those that the namespace lacks, and returns their names. */
export async function addMissingAttributes(
  connection: Connection,
  namespace: string = NAMESPACE,
): Promise<readonly string[]> {
  const missing = await missingAt(connection, namespace);
  await addAttributes(connection, missing, namespace);
  return missing;
}

/** Names of SEARCH_ATTRIBUTES; a real server refuses one that it knows already. */
export async function addAttributes(
  connection: Connection,
  names: readonly string[],
  namespace: string = NAMESPACE,
): Promise<void> {
  if (names.length === 0) return;
  const searchAttributes: Record<string, number> = {};
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
    const encoded = encodeSearchAttributeIndexedValueType(type === 'Keyword' ? 'KEYWORD' : 'DATETIME');
    if (names.includes(name) && encoded !== undefined) searchAttributes[name] = encoded;
  }
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

async function missingAt(connection: Connection, namespace: string = NAMESPACE): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.keys(SEARCH_ATTRIBUTES).filter((name) => !(name in customAttributes));
}

/** Opens a connection for `work` alone. @throws when the server does not answer within three seconds. */
export async function connected<T>(
  address: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address, connectTimeout: CONNECTS_WITHIN_MS });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
