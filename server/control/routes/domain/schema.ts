import { Type } from '@fastify/type-provider-typebox';
import { ErrorBody } from '../../presenters.ts';
import { answers, Exactly } from '../shared.ts';

const RecordBody = Type.Object({
  type: Type.Enum(['A', 'AAAA', 'SRV', 'CAA']),
  name: Type.String(),
  wanted: Type.Array(Type.String()),
  found: Type.Array(Type.String()),
  state: Type.Enum(['right', 'missing', 'wrong', 'unknown']),
  required: Type.Boolean(),
  purpose: Type.String(),
  reason: Type.Optional(Type.String()),
});

const CertificateBody = Type.Object({
  issuer: Type.String(),
  validFrom: Type.String(),
  validTo: Type.String(),
  selfSigned: Type.Boolean({ description: 'By the appliance itself: clients ask before they trust it' }),
});

export const DomainBody = Type.Object({
  domain: Type.String(),
  fixed: Type.Boolean({ description: 'Set by the environment, so it cannot be changed here' }),
  staging: Type.Boolean({ description: 'Certificates for trial only' }),
  nameServers: Type.Array(Type.String()),
  records: Type.Array(RecordBody),
  ports: Type.Array(
    Type.Object({
      port: Type.Integer(),
      address: Type.String(),
      reach: Type.Enum(['here', 'elsewhere', 'closed', 'silent', 'unreachable']),
      reason: Type.Optional(Type.String()),
    }),
  ),
  certificate: Type.Optional(CertificateBody),
  problems: Type.Array(ErrorBody, { description: 'The first is to be mended first; empty when all is well' }),
});

export const domainSchema = {
  summary: 'The home domain: which records it needs and has, whether its ports are reached, its certificate, and what is wrong',
  response: answers(200, DomainBody),
};

export const changeDomainSchema = {
  summary: 'Choose the home domain, or whether certificates come from the authority’s staging directory',
  body: Exactly({
    domain: Type.Optional(Type.String({ minLength: 1, maxLength: 253 })),
    staging: Type.Optional(Type.Boolean()),
  }),
  response: answers(200, DomainBody),
};
