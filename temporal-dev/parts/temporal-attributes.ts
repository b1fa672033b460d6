import { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { SEARCH_ATTRIBUTES } from './search-attributes';

const NAMESPACE = 'default';
const CONNECTS_WITHIN_MS = 3_000;
/** Our search attributes that the server at this address does not know yet. */
export function missingAttributes(address: string): Promise<string[]> {
  return connected(address, missingAt);
}

/** An unknown attribute wedges a workflow for ever, so a server of somebody else's is taught ours first. */
export function registerAttributes(address: string): Promise<void> {
  return connected(address, async (connection) => addAttributes(connection, await missingAt(connection)));
}

/** Names of SEARCH_ATTRIBUTES; a real server refuses one that it knows already. */
export async function addAttributes(connection: Connection, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const searchAttributes: Record<string, number> = {};
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
    const encoded = encodeSearchAttributeIndexedValueType(type === 'Keyword' ? 'KEYWORD' : 'DATETIME');
    if (names.includes(name) && encoded !== undefined) searchAttributes[name] = encoded;
  }
  await connection.operatorService.addSearchAttributes({ namespace: NAMESPACE, searchAttributes });
}

async function missingAt(connection: Connection): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({
    namespace: NAMESPACE,
  });
  return Object.keys(SEARCH_ATTRIBUTES).filter((name) => !(name in customAttributes));
}

async function connected<T>(address: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address, connectTimeout: CONNECTS_WITHIN_MS });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
