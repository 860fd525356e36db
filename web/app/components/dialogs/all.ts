import type { Dialog } from '../../services/ui.ts';
import type { DialogComponent } from '../dialogs.gts';
import { AddNetwork } from './add-network.gts';
import { AddPeople } from './add-people.gts';
import { BrowseChannels } from './browse-channels.gts';
import { CreateChannel } from './create-channel.gts';
import { InvitePeople } from './invite-people.gts';
import { JoinRoom } from './join-room.gts';
import { KeyboardSheet } from './keyboard-sheet.gts';
import { Lightbox } from './lightbox.gts';
import { NewDirect } from './new-direct.gts';
import { NickServ } from './nickserv.gts';
import { Switcher } from './switcher.gts';
import { TopicDialog } from './topic-dialog.gts';

/** `none` is what stands over everything without being asked for by name: the lightbox. */
export const dialogs: Record<Dialog, DialogComponent> = {
  'add-network': AddNetwork,
  'add-people': AddPeople,
  browse: BrowseChannels,
  'create-channel': CreateChannel,
  invite: InvitePeople,
  'join-room': JoinRoom,
  keyboard: KeyboardSheet,
  'new-direct': NewDirect,
  nickserv: NickServ,
  none: Lightbox,
  switcher: Switcher,
  topic: TopicDialog,
};
