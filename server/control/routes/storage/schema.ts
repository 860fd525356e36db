import { Type } from '@fastify/type-provider-typebox';
import { answers, answersNothing, Exactly, Key } from '../shared.ts';

export const ownStorageSchema = {
  summary: 'Open the account’s own storage to the web client, for as long as the session lasts',
  response: answers(
    201,
    Type.Object({
      address: Type.String({ description: 'name@domain, as typed into a remoteStorage app' }),
      href: Type.String({ description: 'Storage root (draft-dejong-remotestorage)' }),
      token: Type.String(),
      scopes: Type.String(),
    }),
  ),
};

const AppBody = Type.Object({
  id: Type.String(),
  client: Type.String({ description: 'Origin of the app' }),
  scopes: Type.String({ description: 'As in OAuth: notes:rw contacts:r' }),
  createdAt: Type.String(),
  usedAt: Type.Union([Type.String(), Type.Null()]),
});

export const appsSchema = {
  summary: 'The apps that may use the account’s storage, newest first',
  response: answers(200, Type.Object({ apps: Type.Array(AppBody) })),
};

export const revokeAppSchema = {
  summary: 'Disconnect an app from the account’s storage',
  params: Exactly({ id: Key }),
  response: answersNothing,
};

const AddressBody = Type.Object({
  address: Type.String({ description: 'name@host: where remoteStorage apps find the account’s documents' }),
  elsewhere: Type.Boolean({ description: 'Whether that is another server' }),
});

export const storageAddressSchema = {
  summary: 'Where the account keeps its documents',
  response: answers(200, AddressBody),
};

export const changeStorageAddressSchema = {
  summary: 'Keep the account’s documents on another remoteStorage server; null brings them back here',
  body: Exactly({ address: Type.Union([Type.String({ minLength: 3, maxLength: 320 }), Type.Null()]) }),
  response: answers(200, AddressBody),
};
