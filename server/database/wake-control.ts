import type { ControlClient } from '../foundation/control-client.ts';
import type { Logger } from '../foundation/logging.ts';
import type { Outbox } from './events.ts';

/** Until somebody says so, control does not know of events that it has not written itself. */
export function wakeControlOnCommit(outbox: Outbox, control: ControlClient, logger: Logger): void {
  outbox.onCommit(() => {
    control.request({ method: 'POST', path: '/internal/events/wake' }).catch((error: unknown) => {
      logger.debug({ err: error }, 'control could not be woken');
    });
  });
}
