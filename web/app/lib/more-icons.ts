import arrowUp from 'icon:arrow-up';
import atSign from 'icon:at-sign';
import bell from 'icon:bell';
import clock from 'icon:clock';
import copy from 'icon:copy';
import download from 'icon:download';
import file from 'icon:file';
import key from 'icon:key-round';
import keyboard from 'icon:keyboard';
import link from 'icon:link';
import logOut from 'icon:log-out';
import messageSquare from 'icon:message-square';
import messagesSquare from 'icon:messages-square';
import monitor from 'icon:monitor';
import moon from 'icon:moon';
import reply from 'icon:reply';
import settings from 'icon:settings';
import shield from 'icon:shield-check';
import smilePlus from 'icon:smile-plus';
import sun from 'icon:sun';
import trash from 'icon:trash-2';
import user from 'icon:user';
import userPlus from 'icon:user-plus';

/** Icons of menus, panels, dialogs and settings: they come with the first of those. */
export const moreIcons = {
  'arrow-up': arrowUp,
  'at-sign': atSign,
  clock,
  bell,
  copy,
  download,
  file,
  key,
  keyboard,
  link,
  'log-out': logOut,
  message: messageSquare,
  thread: messagesSquare,
  monitor,
  moon,
  reply,
  settings,
  shield,
  'smile-plus': smilePlus,
  sun,
  trash,
  user,
  'user-plus': userPlus,
} as const;
