import { KosmosError } from '../../../../foundation/errors.ts';
import { ns } from '../namespaces.ts';
import { factsOf } from '../service-discovery.ts';
import { childOf, childrenOf, textOf, xml } from '../xml/element.ts';
import { optionalText, textIn, type Verb } from './verb.ts';

/** The only headers that a slot may ask for (https://xmpp.org/extensions/xep-0363.html#request). */
const allowed = new Set(['authorization', 'cookie', 'expires']);

/** https://xmpp.org/extensions/xep-0363.html */
export const queryUpload: Verb = async (session, activity) => {
  const { upload } = await factsOf(session);
  const size = Number(activity.object?.['size']);
  if (upload === undefined) throw session.notSupported('uploads');
  if (!Number.isSafeInteger(size) || size <= 0)
    throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.size must be a number of bytes' });
  if (size > upload.maximum) throw new KosmosError('KOSMOS_ERR_TOO_LARGE', { limit: upload.maximum });
  const type = optionalText(activity.object, 'mediaType');
  const wish = { xmlns: ns.upload, filename: textIn(activity.object, 'name'), size: String(size), 'content-type': type };
  const answer = await session.connection.request('get', upload.jid, xml('request', wish), 'there is no place for the file');
  const slot = childOf(answer, 'slot', ns.upload);
  const put = childOf(slot, 'put');
  const url = childOf(slot, 'get')?.attributes['url'];
  const putUrl = put?.attributes['url'];
  if (url === undefined || putUrl === undefined) throw session.notSupported('uploads');
  const headers = childrenOf(put, 'header').flatMap((header) => {
    const name = header.attributes['name'] ?? '';
    const value = textOf(header) ?? '';
    return allowed.has(name.toLowerCase()) && !/[\r\n]/.test(value) ? [[name, value] as const] : [];
  });
  return { ...activity, object: { type: 'upload', url, putUrl, headers: Object.fromEntries(headers) } };
};
