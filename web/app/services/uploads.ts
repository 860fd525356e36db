import Service, { service } from '@ember/service';
import { messageOf } from '../lib/forms.ts';
import { put, type Slot, UploadCancelled } from '../lib/upload.ts';
import type { Conversation } from '../models/conversation.ts';
import { Upload } from '../models/upload.ts';
import type StorageService from './storage.ts';

/** Takes files to where the others can read them: the server's upload, or the person's own storage. */
export default class UploadsService extends Service {
  @service declare storage: StorageService;

  can(conversation: Conversation): boolean {
    return conversation.can('upload') || this.storage.isAvailable;
  }

  begin(conversation: Conversation, file: File): Upload {
    const upload = new Upload(file);
    void this.run(conversation, upload);
    return upload;
  }

  private async run(conversation: Conversation, upload: Upload): Promise<void> {
    const { file, cancelled } = upload;
    const progress = (part: number) => (upload.part = part);
    try {
      const slot = conversation.can('upload') ? await this.slotFor(conversation, file) : undefined;
      upload.attachment = slot
        ? await put(file, slot, progress, cancelled.signal)
        : await this.storage.share(file, progress, cancelled.signal);
    } catch (error) {
      if (!(error instanceof UploadCancelled)) upload.error = messageOf(error);
    }
  }

  private async slotFor(conversation: Conversation, file: File): Promise<Slot> {
    const question = { type: 'upload', name: file.name, size: file.size, mediaType: file.type || 'application/octet-stream' };
    const answer = await conversation.space.connection.request('query', conversation.target, question);
    return answer.object as unknown as Slot;
  }
}

declare module '@ember/service' {
  interface Registry {
    uploads: UploadsService;
  }
}
