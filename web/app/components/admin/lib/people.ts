import type IntlService from 'ember-intl/services/intl';
import { api, path, type Role } from '../../../lib/api.ts';
import type { AdminService } from './admin-service.ts';
import type { MemberRow } from './types.ts';

interface Tools {
  admin: AdminService;
  intl: IntlService;
}

/** The acts on a member of a team; each says first what will happen. */
export class MemberActs {
  constructor(
    private readonly tools: Tools,
    private readonly team: string,
    private readonly done: () => void,
  ) {}

  private pathOf({ name }: MemberRow): string {
    return path('teams', this.team, 'members', name);
  }

  private change = async (member: MemberRow, change: { role?: Role; disabled?: boolean }) => {
    await api('PATCH', this.pathOf(member), change);
    this.done();
  };

  role = (member: MemberRow, role: Role) => {
    const { admin, intl } = this.tools;
    const run = () => this.change(member, { role });
    const word = intl.t(`role.${role}`);
    admin.ask({
      title: intl.t('admin.members.roleTitle', { name: member.name, role: word }),
      points: [intl.t(`admin.members.role.${role}`)],
      confirm: intl.t('admin.members.roleConfirm', { role: word }),
      isDanger: role === 'owner',
      run,
    });
  };

  disable = (member: MemberRow) => {
    const { admin, intl } = this.tools;
    admin.ask({
      title: intl.t('admin.members.disableTitle', { name: member.name }),
      points: [intl.t('admin.members.disableSessions'), intl.t('admin.members.disableEverywhere'), intl.t('admin.members.disableBack')],
      confirm: intl.t('admin.members.disable'),
      isDanger: true,
      run: () => this.change(member, { disabled: true }),
    });
  };

  enable = (member: MemberRow) => {
    const { admin, intl } = this.tools;
    admin.ask({
      title: intl.t('admin.members.enableTitle', { name: member.name }),
      points: [intl.t('admin.members.enableHint')],
      confirm: intl.t('admin.members.enable'),
      run: () => this.change(member, { disabled: false }),
    });
  };

  remove = (member: MemberRow, then?: () => void) => {
    const { admin, intl } = this.tools;
    admin.ask({
      title: intl.t('admin.members.removeTitle', { name: member.name }),
      points: [intl.t('admin.members.removeChannels'), intl.t('admin.members.removeHistory'), intl.t('admin.members.removeAccount')],
      confirm: intl.t('admin.members.remove'),
      isDanger: true,
      run: async () => {
        await api('DELETE', this.pathOf(member));
        this.done();
        then?.();
      },
    });
  };

  endSessions = (member: MemberRow) => {
    const { admin, intl } = this.tools;
    admin.ask({
      title: intl.t('admin.members.endTitle', { name: member.name }),
      points: [intl.t('admin.members.endHint')],
      confirm: intl.t('admin.members.endAll'),
      isDanger: true,
      run: async () => {
        await api('DELETE', `${path('admin', 'teams', this.team, 'members', member.name)}/sessions`);
        this.done();
      },
    });
  };
}
