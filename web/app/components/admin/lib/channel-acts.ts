import type IntlService from 'ember-intl/services/intl';
import { api, path } from '../../../lib/api.ts';
import type { AdminService } from './admin-service.ts';
import type { ChannelRow } from './types.ts';

interface Tools {
  admin: AdminService;
  intl: IntlService;
}

/** The acts on a channel of a team; each says first what will happen. */
export class ChannelActs {
  constructor(
    private readonly tools: Tools,
    private readonly team: string,
    private readonly done: () => void,
  ) {}

  /** Whoever joins the team is put into it, or no longer. */
  makeDefault = (channel: ChannelRow, isDefault: boolean) =>
    this.ask(channel, isDefault ? 'default' : 'notDefault', 1, () => this.change(channel, { default: isDefault }));

  archive = (channel: ChannelRow) => this.ask(channel, 'archive', 3, () => this.change(channel, { archived: true }), true);

  unarchive = (channel: ChannelRow) => this.ask(channel, 'unarchive', 1, () => this.change(channel, { archived: false }));

  remove = (channel: ChannelRow) =>
    this.ask(
      channel,
      'remove',
      3,
      async () => {
        await api('DELETE', this.pathOf(channel));
        this.done();
      },
      true,
    );

  private pathOf({ id }: ChannelRow): string {
    return path('teams', this.team, 'channels', id);
  }

  private async change(channel: ChannelRow, change: object): Promise<void> {
    await api('PATCH', this.pathOf(channel), change);
    this.done();
  }

  private ask({ name, messages }: ChannelRow, act: string, points: number, run: () => Promise<unknown>, isDanger = false): void {
    const { admin, intl } = this.tools;
    const words = (key: string) => intl.t(`admin.channels.${act}.${key}`, { name, messages });
    admin.ask({
      title: words('title'),
      points: Array.from({ length: points }, (_, index) => words(`point${index}`)),
      confirm: words('confirm'),
      isDanger,
      run,
    });
  }
}
