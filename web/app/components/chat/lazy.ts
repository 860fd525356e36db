import { Lazy } from '../../lib/lazy.ts';

/** Parts of the chat that the first screen does not need. */
export const lazyAttachments = new Lazy(() => import('./attachments.gts').then(({ Attachments }) => Attachments));
export const lazyMembers = new Lazy(() => import('./members-panel.gts').then(({ MembersPanel }) => MembersPanel));
export const lazyMenus = new Lazy(() => import('../menus.gts').then(({ menus }) => menus));
export const lazyMissing = new Lazy(() => import('./missing-channel.gts').then(({ MissingChannel }) => MissingChannel));
export const lazyPreview = new Lazy(() => import('./link-preview.gts').then(({ LinkPreview }) => LinkPreview));
export const lazySearch = new Lazy(() => import('./search-panel.gts').then(({ SearchPanel }) => SearchPanel));
export const lazyThread = new Lazy(() => import('./thread-panel.gts').then(({ ThreadPanel }) => ThreadPanel));
export const lazyTools = new Lazy(() => import('./message-tools.gts').then(({ MessageTools }) => MessageTools));
export const lazyUploads = new Lazy(() => import('./upload-list.gts').then(({ UploadList }) => UploadList));
