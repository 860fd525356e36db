import type { Socket } from 'socket.io';
import { KosmosError } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Visitor } from '../access/handshake.ts';
import type { Limits } from '../access/limits.ts';
import { RateLimit } from '../access/rate.ts';
import type { Activity, ActivityObject } from '../platforms/platform.ts';
import type { ActorSession, Listener } from '../sessions/actor-session.ts';
import type { SessionRegistry } from '../sessions/registry.ts';
import type { Catalogue } from './catalogue.ts';
import { classicEcho, classicRoomState } from './classic.ts';
import { isFields, readEnvelope, writeEnvelope, type Envelope } from './envelope.ts';
import { failure, withoutSecrets } from './failures.ts';
import { pushOf, type Push } from './push.ts';
import { isLargerThan } from './size.ts';

export interface SocketSurroundings {
  readonly catalogue: Catalogue;
  readonly registry: SessionRegistry;
  readonly limits: Limits;
  readonly logger: Logger;
}

/** What of Engine.IO's socket is not in Socket.IO's types. */
interface Transport {
  readonly writeBuffer: { readonly length: number };
  write(text: string, options: Push['options']): void;
}

type Acknowledge = (answer?: unknown) => void;

const MOST_OBJECTS = 200;
const LONGEST_OBJECT = 2_048;

/** One browser (or program) at the gateway: reads its requests, answers each exactly once, and passes on what it should hear. */
export class ClientSocket implements Listener {
  readonly visitor: Visitor;
  readonly #socket: Socket;
  readonly #surroundings: SocketSurroundings;
  readonly #rate: RateLimit;
  readonly #objects = new Map<string, ActivityObject>();
  readonly #sessions = new Set<ActorSession>();

  constructor(socket: Socket, visitor: Visitor, surroundings: SocketSurroundings) {
    this.#socket = socket;
    this.visitor = visitor;
    this.#surroundings = surroundings;
    const { perSecond, burst } = visitor.account.isGuest ? surroundings.limits.guests : surroundings.limits;
    this.#rate = new RateLimit(perSecond, burst);
    socket.onAny((event: string, ...values: unknown[]) => void this.#receive(event, values));
    socket.on('disconnect', () => this.#gone());
  }

  hear(platform: string, activity: Activity): void {
    const transport = this.#socket.conn as unknown as Transport;
    // It would take all memory; when it comes back it fetches what it missed.
    if (transport.writeBuffer.length > this.#surroundings.limits.unreadPerSocket) return void this.#socket.conn.close(true);
    const { text, options } = pushOf(platform, activity);
    if (this.#socket.connected) transport.write(text, options);
  }

  /** Closes the transport, not the namespace: clients come back by themselves then, and are let in if they still may. */
  disconnect(error: KosmosError | undefined): void {
    if (error) this.#tell(error);
    this.#socket.conn.close();
  }

  /** The event `error`, as Sockethub has it for what belongs to no request. */
  #tell(error: KosmosError): void {
    this.#socket.emit('error', {
      type: 'Error',
      '@context': ['https://www.w3.org/ns/activitystreams'],
      actor: { type: 'Application', name: 'kosmos-chat' },
      summary: error.message,
      errorCode: error.code,
    });
  }

  async #receive(event: string, values: unknown[]): Promise<void> {
    const acknowledge = this.#once(values);
    const [request] = values;
    try {
      this.#checkLimits(event, request);
      acknowledge(await this.#perform(event, request));
    } catch (error) {
      const answer = failure(request, error, this.#surroundings.logger);
      if (!acknowledge(answer) && event !== 'activity-object') this.#socket.emit('message', answer);
    }
  }

  /** Answers once if the client asked for an answer; false if it did not. */
  #once(values: unknown[]): (answer: unknown) => boolean {
    const given = values.find((value): value is Acknowledge => typeof value === 'function');
    let answered = false;
    return (answer) => {
      if (!given || answered) return false;
      answered = true;
      if (answer === undefined) given();
      else given(answer);
      return true;
    };
  }

  #checkLimits(event: string, request: unknown): void {
    const seconds = this.#rate.take();
    if (seconds > 0) {
      const error = new KosmosError('KOSMOS_ERR_RATE_LIMITED', { seconds });
      if (event !== 'message' && event !== 'credentials') this.#tell(error);
      throw error;
    }
    const limit = this.#surroundings.limits.messageBytes;
    if (isLargerThan(request, limit)) throw new KosmosError('KOSMOS_ERR_TOO_LARGE', { limit });
  }

  #perform(event: string, request: unknown): Promise<unknown> {
    if (event === 'message') return this.#message(request);
    if (event === 'credentials') return this.#credentials(request);
    if (event === 'schemas') return Promise.resolve(this.#surroundings.catalogue.answer(request));
    if (event === 'activity-object') return Promise.resolve(this.#define(request));
    throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
  }

  async #credentials(request: unknown): Promise<unknown> {
    const { platform: name, activity } = this.#read(request);
    const { catalogue, registry } = this.#surroundings;
    const platform = catalogue.get(name);
    if (activity.type !== 'credentials' || activity.object?.type !== 'credentials') {
      throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'type and object.type must be credentials' });
    }
    catalogue.checkCredentials(platform, activity);
    const session = registry.ensure(this.visitor.account, platform, activity.actor);
    this.#attach(session);
    await session.present(activity.object);
    return withoutSecrets(writeEnvelope(name, activity));
  }

  async #message(request: unknown): Promise<unknown> {
    const { platform: name, activity, isOldDialect } = this.#read(request);
    const { catalogue, registry } = this.#surroundings;
    const platform = catalogue.get(name);
    catalogue.checkMessage(platform, activity);
    const { account } = this.visitor;
    const session = platform.persistent
      ? registry.find(account, platform, activity.actor)
      : registry.ensure(account, platform, activity.actor);
    if (!session) throw new KosmosError('KOSMOS_ERR_NO_CREDENTIALS', { actor: (activity.actor.id ?? '').slice(0, 100) });
    this.#attach(session);
    const result = await session.perform(activity, this);
    this.#noteNewName(session, activity);
    if (isOldDialect) for (const push of [...classicRoomState(result), ...classicEcho(name, result)]) this.hear(name, push);
    return writeEnvelope(name, result, activity.id);
  }

  #read(request: unknown): Envelope {
    return readEnvelope(request, this.#objects);
  }

  #noteNewName(session: ActorSession, { type, object, target }: Activity): void {
    if (type === 'update' && object?.type === 'address' && target?.id !== undefined)
      this.#surroundings.registry.addName(session, target.id);
  }

  /** An actor or target that later requests name by its id (old dialect). */
  #define(request: unknown): undefined {
    const id = isFields(request) ? request['id'] : undefined;
    if (!isFields(request) || typeof id !== 'string' || isLargerThan(request, LONGEST_OBJECT)) {
      throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'it is not a short object with an id' });
    }
    if (this.#objects.size >= MOST_OBJECTS && !this.#objects.has(id)) this.#objects.delete([...this.#objects.keys()][0] ?? '');
    const { type } = request;
    this.#objects.set(id, { ...request, id, type: typeof type === 'string' ? type : 'person' });
    return undefined;
  }

  #attach(session: ActorSession): void {
    session.attach(this);
    this.#sessions.add(session);
  }

  #gone(): void {
    for (const session of this.#sessions) session.detach(this);
    this.#sessions.clear();
  }
}
