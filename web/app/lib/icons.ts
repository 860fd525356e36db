import arrowDown from 'icon:arrow-down';
import arrowLeft from 'icon:arrow-left';
import bellOff from 'icon:bell-off';
import check from 'icon:check';
import chevronDown from 'icon:chevron-down';
import chevronRight from 'icon:chevron-right';
import circleAlert from 'icon:circle-alert';
import cornerUpLeft from 'icon:corner-up-left';
import ellipsis from 'icon:ellipsis';
import globe from 'icon:globe';
import hash from 'icon:hash';
import lock from 'icon:lock';
import paperclip from 'icon:paperclip';
import pencil from 'icon:pencil';
import plus from 'icon:plus';
import search from 'icon:search';
import send from 'icon:send-horizontal';
import smile from 'icon:smile';
import star from 'icon:star';
import users from 'icon:users';
import wifiOff from 'icon:wifi-off';
import x from 'icon:x';

/** What the first screen shows. */
export const icons = {
  'arrow-down': arrowDown,
  'arrow-left': arrowLeft,
  'bell-off': bellOff,
  check,
  'chevron-down': chevronDown,
  'chevron-right': chevronRight,
  alert: circleAlert,
  'corner-up-left': cornerUpLeft,
  ellipsis,
  globe,
  hash,
  lock,
  paperclip,
  pencil,
  plus,
  search,
  send,
  smile,
  star,
  users,
  'wifi-off': wifiOff,
  x,
} as const;

export type IconName = keyof typeof icons | keyof typeof import('./more-icons.ts').moreIcons;
