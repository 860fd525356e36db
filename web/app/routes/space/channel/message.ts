import Route from '@ember/routing/route';
import { service } from '@ember/service';
import type UiService from '../../../services/ui.ts';

/** An address of one message: the conversation jumps to it. */
export default class MessageRoute extends Route {
  @service declare ui: UiService;

  model({ message }: { message: string }): void {
    this.ui.jumpTo = message;
  }
}
