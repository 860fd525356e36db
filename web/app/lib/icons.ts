import arrowDown from 'icon:arrow-down';
import arrowLeft from 'icon:arrow-left';
import atSign from 'icon:at-sign';
import bell from 'icon:bell';
import bellOff from 'icon:bell-off';
import check from 'icon:check';
import chevronDown from 'icon:chevron-down';
import chevronRight from 'icon:chevron-right';
import circleAlert from 'icon:circle-alert';
import clock from 'icon:clock';
import copy from 'icon:copy';
import cornerUpLeft from 'icon:corner-up-left';
import download from 'icon:download';
import ellipsis from 'icon:ellipsis';
import file from 'icon:file';
import globe from 'icon:globe';
import hash from 'icon:hash';
import keyboard from 'icon:keyboard';
import link from 'icon:link';
import lock from 'icon:lock';
import logOut from 'icon:log-out';
import mail from 'icon:mail';
import messageSquare from 'icon:message-square';
import messagesSquare from 'icon:messages-square';
import monitor from 'icon:monitor';
import moon from 'icon:moon';
import paperclip from 'icon:paperclip';
import pencil from 'icon:pencil';
import plus from 'icon:plus';
import reply from 'icon:reply';
import rotate from 'icon:rotate-cw';
import search from 'icon:search';
import send from 'icon:send-horizontal';
import settings from 'icon:settings';
import smile from 'icon:smile';
import smilePlus from 'icon:smile-plus';
import star from 'icon:star';
import sun from 'icon:sun';
import trash from 'icon:trash-2';
import user from 'icon:user';
import userPlus from 'icon:user-plus';
import users from 'icon:users';
import wifiOff from 'icon:wifi-off';
import x from 'icon:x';

export const icons = {
  'arrow-down': arrowDown,
  'arrow-left': arrowLeft,
  'at-sign': atSign,
  bell,
  'bell-off': bellOff,
  check,
  'chevron-down': chevronDown,
  'chevron-right': chevronRight,
  alert: circleAlert,
  clock,
  copy,
  'corner-up-left': cornerUpLeft,
  download,
  ellipsis,
  file,
  globe,
  hash,
  keyboard,
  link,
  lock,
  'log-out': logOut,
  mail,
  message: messageSquare,
  thread: messagesSquare,
  monitor,
  moon,
  paperclip,
  pencil,
  plus,
  reply,
  rotate,
  search,
  send,
  settings,
  smile,
  'smile-plus': smilePlus,
  star,
  sun,
  trash,
  user,
  'user-plus': userPlus,
  users,
  'wifi-off': wifiOff,
  x,
} as const;

export type IconName = keyof typeof icons;
