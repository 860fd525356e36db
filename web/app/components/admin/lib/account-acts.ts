import type IntlService from 'ember-intl/services/intl';
import { api, path } from '../../../lib/api.ts';
import type { AdminService, Question } from './admin-service.ts';
import type { AccountRow } from './types.ts';

interface Tools {
  admin: AdminService;
  intl: IntlService;
}

/** The acts on an account of the appliance; each says first what will happen. */
export class AccountActs {
  constructor(
    private readonly tools: Tools,
    private readonly done: () => void,
  ) {}

  disable = (account: AccountRow) =>
    this.ask(
      account,
      'members.disableTitle',
      ['members.disableSessions', 'members.disableEverywhere', 'members.disableBack'],
      'members.disable',
      {
        isDanger: true,
        run: () => this.change(account, { disabled: true }),
      },
    );

  enable = (account: AccountRow) =>
    this.ask(account, 'members.enableTitle', ['members.enableHint'], 'members.enable', {
      run: () => this.change(account, { disabled: false }),
    });

  grant = (account: AccountRow) =>
    this.ask(account, 'accounts.grantTitle', ['accounts.grantHint', 'accounts.grantBack'], 'accounts.grant', {
      isDanger: true,
      run: () => this.change(account, { isAdmin: true }),
    });

  withdraw = (account: AccountRow) =>
    this.ask(account, 'accounts.withdrawTitle', ['accounts.withdrawHint'], 'accounts.withdraw', {
      isDanger: true,
      run: () => this.change(account, { isAdmin: false }),
    });

  endSessions = (account: AccountRow) =>
    this.ask(account, 'members.endTitle', ['members.endHint'], 'members.endAll', {
      isDanger: true,
      run: () => this.remove(account, 'sessions'),
    });

  removeFactors = (account: AccountRow) =>
    this.ask(account, 'accounts.factorsTitle', ['accounts.factorsHint', 'accounts.factorsSure'], 'accounts.removeFactors', {
      isDanger: true,
      run: () => this.remove(account, 'second-factors'),
    });

  private ask({ name }: AccountRow, title: string, points: string[], confirm: string, rest: Pick<Question, 'isDanger' | 'run'>): void {
    const { admin, intl } = this.tools;
    const words = (key: string) => intl.t(`admin.${key}`, { name });
    admin.ask({ title: words(title), points: points.map(words), confirm: words(confirm), ...rest });
  }

  private async change({ name }: AccountRow, change: object): Promise<void> {
    await api('PATCH', path('admin', 'accounts', name), change);
    this.done();
  }

  private async remove({ name }: AccountRow, what: 'sessions' | 'second-factors'): Promise<void> {
    await api('DELETE', path('admin', 'accounts', name, what));
    this.done();
  }
}
