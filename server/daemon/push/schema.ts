import Type from 'typebox';

const clock = Type.Union([Type.Null(), Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })]);

export const subscription = Type.Object({
  endpoint: Type.String({ minLength: 1, maxLength: 1_024 }),
  keys: Type.Object({
    // A point of P-256 and 16 bytes, base64url (RFC 8291, 3.1 and 3.2).
    p256dh: Type.String({ pattern: '^[\\w-]{87}=?$' }),
    auth: Type.String({ pattern: '^[\\w-]{22}={0,2}$' }),
  }),
});
/** `user` is what older clients send; whose subscription it is says the session. */
export const register = Type.Object({ user: Type.Optional(Type.Unknown()), subscription });
export const unregister = Type.Object({ subscription: Type.Object({ endpoint: Type.String({ maxLength: 1_024 }) }) });
export const preferences = Type.Object({
  ...{ showsContent: Type.Boolean(), quietFrom: clock, quietUntil: clock },
  timeZone: Type.String({ minLength: 1, maxLength: 60 }),
});
export const focus = Type.Object({ focused: Type.Boolean() });
