import { api } from '../../../lib/api.ts';
import type { AdminService } from './admin-service.ts';
import { Loaded } from './loaded.ts';
import type { AdminSettings, Smtp } from './types.ts';

export type NewSmtp = Omit<Smtp, 'hasPassword'> & { password?: string | null };
type Change = Partial<Omit<AdminSettings, 'smtp'>> & { smtp?: NewSmtp | null };

/** The appliance's settings, as they are now. */
export class StoredSettings {
  readonly loaded = new Loaded(() => api<AdminSettings>('GET', '/api/admin/settings'));

  constructor(owner: object, admin: AdminService) {
    admin.live.onChange(owner, /settings-changed/, this.loaded.refreshSoon);
  }

  get value(): AdminSettings | undefined {
    return this.loaded.value;
  }

  async change(change: Change): Promise<void> {
    this.loaded.value = await api<AdminSettings>('PATCH', '/api/admin/settings', change);
  }
}
