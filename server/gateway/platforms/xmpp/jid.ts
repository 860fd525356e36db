/** Addresses (RFC 7622) as servers send them: already prepared, so comparing text is enough; what people type is lowered first. */

export function bareOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash === -1 ? jid : jid.slice(0, slash);
}

export function resourceOf(jid: string): string | undefined {
  const slash = jid.indexOf('/');
  return slash === -1 ? undefined : jid.slice(slash + 1);
}

export function localOf(jid: string): string {
  const bare = bareOf(jid);
  return bare.slice(0, Math.max(bare.indexOf('@'), 0)) || bare;
}

export function domainOf(jid: string): string {
  const bare = bareOf(jid);
  return bare.slice(bare.indexOf('@') + 1);
}

/** The bare address in the form servers use, or undefined where it cannot be one. */
export function preparedBare(typed: string): string | undefined {
  const bare = bareOf(typed.replace(/^xmpp:/, '')).toLowerCase();
  return bare.length <= 2_047 && /^(?:[^\s"&'/:<>@]{1,1023}@)?[^\s"&'/<>@]{1,1023}$/.test(bare) ? bare : undefined;
}
