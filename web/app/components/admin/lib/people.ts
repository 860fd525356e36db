import type IntlService from 'ember-intl/services/intl';
import { api, path, type Role } from '../../../lib/api.ts';
import type { AdminService, Question } from './admin-service.ts';
import type { MemberRow } from './types.ts';

interface Tools {
  admin: AdminService;
  intl: IntlService;
}

/** `role` is a word of the sentences. */
type Asked = Pick<Question, 'isDanger' | 'run'> & { role?: string };

/** The acts on a member of a team; each says first what will happen. */
export class MemberActs {
  constructor(
    private readonly tools: Tools,
    private readonly team: string,
    private readonly done: () => void,
  ) {}

  role = (member: MemberRow, role: Role) =>
    this.ask(member, 'roleTitle', [`role.${role}`], 'roleConfirm', {
      isDanger: role === 'owner',
      role: this.tools.intl.t(`role.${role}`),
      run: () => this.change(member, { role }),
    });

  disable = (member: MemberRow) =>
    this.ask(member, 'disableTitle', ['disableSessions', 'disableEverywhere', 'disableBack'], 'disable', {
      isDanger: true,
      run: () => this.change(member, { disabled: true }),
    });

  enable = (member: MemberRow) =>
    this.ask(member, 'enableTitle', ['enableHint'], 'enable', { run: () => this.change(member, { disabled: false }) });

  remove = (member: MemberRow, then?: () => void) =>
    this.ask(member, 'removeTitle', ['removeChannels', 'removeHistory', member.isBot ? 'removeBot' : 'removeAccount'], 'remove', {
      isDanger: true,
      run: async () => {
        await api('DELETE', this.pathOf(member));
        this.done();
        then?.();
      },
    });

  endSessions = (member: MemberRow) =>
    this.ask(member, 'endTitle', ['endHint'], 'endAll', {
      isDanger: true,
      run: async () => {
        await api('DELETE', `${path('admin', 'teams', this.team, 'members', member.name)}/sessions`);
        this.done();
      },
    });

  private pathOf({ name }: MemberRow): string {
    return path('teams', this.team, 'members', name);
  }

  private async change(member: MemberRow, change: { role?: Role; disabled?: boolean }): Promise<void> {
    await api('PATCH', this.pathOf(member), change);
    this.done();
  }

  private ask({ name }: MemberRow, title: string, points: string[], confirm: string, rest: Asked): void {
    const { admin, intl } = this.tools;
    const { role = '', ...question } = rest;
    const words = (key: string) => intl.t(`admin.members.${key}`, { name, role });
    admin.ask({ title: words(title), points: points.map(words), confirm: words(confirm), ...question });
  }
}
