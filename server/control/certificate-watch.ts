import { messageOf } from '../foundation/errors.ts';
import type { Logger } from '../foundation/logging.ts';
import { adoptIssued, findIssued } from '../components/edge/issued.ts';
import type { RunningHouse } from './house.ts';

const LOOK_EVERY = 3_000;

/** Gives IRC and XMPP the certificate that the edge obtained or renewed, without anybody losing a connection. Returns how to end it. */
export function watchCertificate(house: RunningHouse, logger: Logger): () => void {
  const look = async (): Promise<void> => {
    const { settings, domain, certificate } = house.appliance;
    const issued = findIssued(settings, domain);
    if (!issued || !adoptIssued(issued, certificate)) return;
    logger.info({ domain, issuer: issued.issuer, validTo: issued.validTo.toISOString() }, 'IRC and XMPP have the certificate of the edge');
    await house.supervisor.applyConfiguration();
  };
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch((error: unknown) => logger.error(`the certificate could not be taken over: ${messageOf(error)}`))
      .finally(() => (isLooking = false));
  }, LOOK_EVERY);
  return () => clearInterval(timer);
}
